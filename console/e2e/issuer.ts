/** A real OpenID Connect provider (oidc-provider, which is certified), with one person who signs in by the press of a button. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
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
  stop: () => void;
}

interface Options {
  /** Whether there are refresh tokens. */
  refresh: boolean;
}

export async function startIssuer(options: Options): Promise<Issuer> {
  let provider: Provider;
  const server = createServer((request, response) => void answer(provider, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const admit = (consoleUrl: string) => (provider = new Provider(url, configuration(consoleUrl, options)));
  admit(url); // nobody yet: the server, which asks for the keys when it starts, is there before its address is known
  return { url, admit, stop: () => void server.close().closeAllConnections() };
}

const PERSON = { sub: 'olga', name: 'Olga Berg' };

function configuration(consoleUrl: string, { refresh }: Options) {
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
    findAccount: () => ({ accountId: PERSON.sub, claims: () => PERSON }),
    extraTokenClaims: () => ({ ...PERSON, realm_access: { roles: ['DEFAULT_COMPLIANCE_ANALYST'] } }),
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

/** finish signs Olga in and grants what the console asked for. */
async function finish(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId: PERSON.sub, clientId: params.client_id });
  grant.addOIDCScope('openid profile');
  grant.addResourceScope('urn:qm-compliance', 'openid profile');
  const result = { login: { accountId: PERSON.sub }, consent: { grantId: await grant.save() } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

/** logOut is the page that asks whether one means it. */
function logOut(context: { body: string }, form = ''): void {
  context.body = `<link rel=icon href="data:,">${form}<button form="op.logoutForm" name="logout" value="yes">Yes, sign out</button>`;
}
