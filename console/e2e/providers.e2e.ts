/** The tokens of two OpenID Connect providers: which of them sign somebody in, and what becomes of that when the provider fails. */
import { OAuth2Server } from 'oauth2-mock-server';
import { post } from './api';
import { expect, test } from './fixtures';
import { startIssuer } from './issuer';
import { startServe, type Server } from './server';

/** signIn returns the name that a token signs in, or the message that refuses it. */
async function signIn(served: Server, token: string): Promise<string> {
  const { data, errors } = await post<{ viewer: { name: string } | null } | null>(served, token, '{ viewer { name } }');
  return errors ? (errors as { message: string }[])[0]!.message : data!.viewer!.name;
}

const NOT_AN_ACCESS_TOKEN = /is not an access token/;

test('of what oidc-provider hands out, only the access token signs in', async ({ page, watch }) => {
  test.slow();
  const issuer = await startIssuer({ refresh: true });
  const start = (...flags: string[]) => startServe(issuer.url, ['--oidc-authorized-party', 'another', ...flags], {});
  const [served, strict, wide] = await Promise.all([
    start(), // the console's client is accepted with those that are listed
    start('--console-client-id', 'x'),
    start('--oidc-audience', 'qm-console'), // which the id token has, and nothing else marks it as one
  ]);
  try {
    issuer.admit(served.url);
    watch(page, served.url, issuer.url);
    await page.goto(served.url);
    await page.getByRole('button', { name: 'Sign in' }).click();
    const answer = page.waitForResponse((response) => response.url() === `${issuer.url}/token` && response.ok());
    await page.getByRole('button', { name: 'Sign in as Olga' }).click();
    const issued = (await (await answer).json()) as { access_token: string; id_token: string; refresh_token: string };
    await expect(page.getByRole('button', { name: 'Signed in as Olga Berg' })).toBeVisible();
    expect(await signIn(served, issued.access_token)).toBe('Olga Berg');
    expect(await signIn(strict, issued.access_token)).toMatch(/a client that this server does not accept/);
    expect(await signIn(served, issued.id_token)).toMatch(/is not for this server/);
    expect(await signIn(wide, issued.id_token)).toMatch(/a client that this server does not accept/);
    expect(await signIn(served, issued.refresh_token)).toMatch(/is not a signed JWT/);
  } finally {
    await page.close(); // before what it asks is gone
    issuer.stop();
    await Promise.all([served, wide, strict].map((server) => server.stop()));
  }
});

test('of what oauth2-mock-server hands out, only the access token of a person signs in, also while it is away', async () => {
  const mock = new OAuth2Server();
  await mock.issuer.keys.generate('RS256');
  await mock.start(0, '127.0.0.1');
  const { port } = mock.address();
  const issuer = mock.issuer.url!;
  mock.service.on('beforeTokenSigning', ({ payload }: { payload: Record<string, unknown> }) =>
    Object.assign(payload, { aud: 'qm-compliance', realm_access: { roles: ['VIEW_AUDIT'] } }),
  );
  const served = await startServe(issuer, [], {});
  try {
    const person = await grant(issuer, { grant_type: 'password', username: 'olga' });
    expect(await signIn(served, person.access_token)).toBe('olga');
    const client = await grant(issuer, { grant_type: 'client_credentials' });
    expect(await signIn(served, client.access_token)).toMatch(/has no claim sub/);
    const coded = await grant(issuer, { grant_type: 'authorization_code', code: await code(issuer, 'n-1') });
    expect(await signIn(served, coded.access_token)).toBe('johndoe');
    expect(await signIn(served, coded.id_token!)).toMatch(NOT_AN_ACCESS_TOKEN);
    const build = (changes: object) =>
      mock.issuer.buildToken({ scopesOrTransform: (_, payload) => void Object.assign(payload, { aud: 'qm-compliance', ...changes }) });
    expect(await signIn(served, await build({ sub: 'o', events: {} }))).toMatch(NOT_AN_ACCESS_TOKEN);
    expect(await signIn(served, await build({ sub: 'o', nbf: '99999999999' }))).toMatch(/the claim nbf/);
    expect(await signIn(served, await build({ sub: 'o\u0000' }))).toMatch(/the claim sub/);

    const next = async (algorithm: string, sub: string) => {
      const { kid } = await mock.issuer.keys.generate(algorithm);
      return mock.issuer.buildToken({ kid, scopesOrTransform: (_, payload) => void Object.assign(payload, { aud: 'qm-compliance', sub }) });
    };
    const later = await build({ sub: 'later' });
    expect(await signIn(served, await next('ES256', 'rotated'))).toBe('rotated');
    const renewed = await next('RS512', 'renewed');
    await mock.stop();
    expect(await signIn(served, later)).toBe('later');
    expect(await signIn(served, renewed)).toMatch(/cannot be reached/);
    expect((await fetch(`${served.url}/readyz`)).status).toBe(200);
    await mock.start(port, '127.0.0.1');
    await expect.poll(() => signIn(served, renewed), { timeout: 15_000 }).toBe('renewed');
  } finally {
    await served.stop();
    if (mock.listening) await mock.stop();
  }
});

interface Issued {
  access_token: string;
  id_token?: string;
}

/** grant asks the mock for tokens. */
async function grant(issuer: string, parameters: Record<string, string>): Promise<Issued> {
  const body = new URLSearchParams({ client_id: 'qm-console', ...parameters });
  return (await (await fetch(`${issuer}/token`, { method: 'POST', body })).json()) as Issued;
}

/** code signs in at the mock with a nonce, and returns the code that it answers with. */
async function code(issuer: string, nonce: string): Promise<string> {
  const question = new URLSearchParams({ response_type: 'code', client_id: 'qm-console', redirect_uri: 'http://127.0.0.1/', nonce });
  const answer = await fetch(`${issuer}/authorize?${question.toString()}&scope=openid&state=s`, { redirect: 'manual' });
  return new URL(answer.headers.get('location')!).searchParams.get('code')!;
}
