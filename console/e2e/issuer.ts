/** Two OpenID Connect providers: oidc-provider, which is certified and asks people to press a button, and oauth2-mock-server, which asks nothing. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OAuth2Server } from 'oauth2-mock-server';
import Provider from 'oidc-provider';

// It would advise at length against what a test may do.
for (const kind of ['info', 'warn'] as const) {
  const say = console[kind].bind(console);
  console[kind] = (...said: unknown[]) => String(said[0]).startsWith('oidc-provider ') || say(...said);
}

export interface Issuer {
  url: string;
  /** Lets the console at this address sign people in. */
  admit: (consoleUrl: string) => void;
  stop: () => unknown;
}

interface Options {
  /** Whether there are refresh tokens. */
  refresh: boolean;
  /** What the access token of an account says, besides its subject; of Olga Berg where it is omitted. */
  claimsOf?: (account: string) => object;
}

/** OLGA is the account of who names none, a compliance analyst. */
export const OLGA = 'olga';

const claimsOfOlga = () => ({ name: 'Olga Berg', realm_access: { roles: ['DEFAULT_COMPLIANCE_ANALYST'] } });

/** startMock starts oauth2-mock-server. Whoever asks for a token by password gets one for that account, everybody else is Olga. */
export async function startMock({ claimsOf = claimsOfOlga }: Pick<Options, 'claimsOf'> = {}): Promise<Issuer> {
  const mock = new OAuth2Server();
  await mock.issuer.keys.generate('RS256');
  await mock.start(0, '127.0.0.1');
  mock.service.on('beforeTokenSigning', ({ payload }: Signed, request: { body: { username?: string } }) => {
    const account = request.body.username ?? OLGA;
    // An id token has its audience already.
    Object.assign(payload, payload.aud ? { sub: account } : { sub: account, aud: 'qm-compliance', ...claimsOf(account) });
  });
  return { url: mock.issuer.url!, admit: () => undefined, stop: () => mock.stop() };
}

/** passwordGrant asks oauth2-mock-server for an access token of an account. */
export async function passwordGrant({ url }: Pick<Issuer, 'url'>, username: string): Promise<string> {
  const body = new URLSearchParams({ client_id: 'qm-console', grant_type: 'password', username });
  return ((await (await fetch(`${url}/token`, { method: 'POST', body })).json()) as { access_token: string }).access_token;
}

interface Signed {
  payload: Record<string, unknown>;
}

/** startIssuer starts oidc-provider. Who signs in is the account of the request's login_hint, else Olga. */
export async function startIssuer(options: Options): Promise<Issuer> {
  let provider: Provider;
  const server = createServer((request, response) => void answer(provider, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const admit = (consoleUrl: string) => (provider = new Provider(url, configuration(consoleUrl, options)));
  admit(url); // nobody yet: the server, which asks for the keys when it starts, is there before its address is known
  return { url, admit, stop: () => void server.close().closeAllConnections() };
}

function configuration(consoleUrl: string, { refresh, claimsOf = claimsOfOlga }: Options) {
  return {
    clients: [
      {
        client_id: 'qm-console',
        token_endpoint_auth_method: 'none',
        redirect_uris: [`${consoleUrl}/signed-in`],
        post_logout_redirect_uris: [`${consoleUrl}/`],
        grant_types: ['authorization_code', ...(refresh ? ['refresh_token'] : [])],
      },
    ],
    findAccount: (_: unknown, account: string) => ({ accountId: account, claims: () => ({ sub: account }) }),
    extraTokenClaims: (_: unknown, { accountId }: { accountId: string }) => claimsOf(accountId),
    issueRefreshToken: () => refresh,
    clientBasedCORS: () => true,
    cookies: { keys: ['not a secret: a test'] },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { logoutSource: logOut, postLogoutSuccessSource: logOut },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => 'urn:qm-compliance',
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: 'openid profile',
          audience: 'qm-compliance',
          accessTokenTTL: 300,
          accessTokenFormat: 'jwt',
        }),
      },
    },
  };
}

async function answer(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!request.url?.startsWith('/interaction/')) return provider.callback()(request, response);
  if (request.method === 'POST') return finish(provider, request, response);
  response
    .setHeader('Content-Type', 'text/html')
    .end('<link rel=icon href="data:,"><form method=post><button>Sign in as Olga</button></form>');
}

/** finish signs in and grants what the console asked for. */
async function finish(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { params } = await provider.interactionDetails(request, response);
  const accountId = params.login_hint ?? OLGA;
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope('openid profile');
  grant.addResourceScope('urn:qm-compliance', 'openid profile');
  const result = { login: { accountId }, consent: { grantId: await grant.save() } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

/** logOut is the page that asks whether one means it. */
function logOut(context: { body: string }, form = ''): void {
  context.body = `<link rel=icon href="data:,">${form}<button form="op.logoutForm" name="logout" value="yes">Yes, sign out</button>`;
}
