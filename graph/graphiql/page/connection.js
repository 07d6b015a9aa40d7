// How GraphiQL talks to the server: POST for queries and mutations, a WebSocket (graphql-transport-ws) for subscriptions.

// connect answers with GraphiQL's fetcher for a session, and with dispose, which ends its subscriptions.
export function connect(endpoint, session) {
  const wsClient = graphqlWs.createClient({
    url: socketURL(endpoint),
    // Asked for at every connection, so one that is made again after an hour does not bring an expired token.
    connectionParams: async () => signed(session),
  });
  const fetcher = GraphiQL.createFetcher({
    url: endpoint,
    fetch: (url, options) => fetchSigned(session, url, options),
    wsClient,
    enableIncrementalDelivery: false,
  });
  return { fetcher, dispose: () => wsClient.dispose() };
}

// fetchSigned sends a request with the session's token, and once more with a new one where the server says that the token
// is no longer good: it has run nothing then, so a mutation cannot happen twice.
async function fetchSigned(session, url, options) {
  const answer = await send(session, url, options);
  if (await isUnauthenticated(answer) && await session.renew()) return send(session, url, options);
  return answer;
}

async function send(session, url, options) {
  const headers = {
    ...options.headers,
    Accept: "application/graphql-response+json, application/json;q=0.9",
    ...await signed(session),
  };
  const answer = await fetch(url, { ...options, headers });
  if (/json/.test(answer.headers.get("Content-Type") ?? "")) return answer;
  throw new Error(`The server answered ${answer.status} ${answer.statusText} where a GraphQL answer was expected.`);
}

async function signed(session) {
  const authorization = await session.authorization();
  return authorization ? { Authorization: authorization } : {};
}

async function isUnauthenticated(answer) {
  const body = await answer.clone().json().catch(() => null);
  return body?.data == null
    && Boolean(body?.errors?.some((error) => error.extensions?.code === "UNAUTHENTICATED"));
}

function socketURL(endpoint) {
  const url = new URL(endpoint, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
