/** Signing in at an OpenID Connect provider. */
import { createHash } from 'node:crypto';
import { expect } from './fixtures';
import { expectNothingStored, result, status } from './graphiql';
import { keptToken, test } from './serving';

test('one signs in, comes to the page that was asked for, and signs out', async ({ openSignedIn, served }) => {
  const page = await openSignedIn('/audit?x=1');
  expect(page.url()).toBe(`${served.url}/audit?x=1`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Audit log');
  await page.reload();
  expect(await page.evaluate(() => JSON.stringify(localStorage) + document.cookie)).not.toMatch(/eyJ/);
  await page.getByRole('button', { name: 'Signed in as Olga Berg' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Yes, sign out' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in to qm-compliance');
  expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toMatch(/eyJ/);
});

for (const provider of ['oidc-provider', 'oauth2-mock-server'] as const) {
  test.describe(`at ${provider}`, () => {
    test.use({ provider });

    test('the code is exchanged with the secret whose hash went ahead (PKCE)', async ({ openSignedIn, page, issuer }) => {
      const asked = page.waitForRequest((request) => request.url().startsWith(issuer.url) && request.url().includes('response_type=code'));
      const taken = page.waitForResponse((answer) => answer.url() === `${issuer.url}/token`);
      await openSignedIn('/audit');
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Audit log');
      const question = new URL((await asked).url()).searchParams;
      const sent = new URLSearchParams((await taken).request().postData()!);
      expect((await taken).status()).toBe(200);
      expect(question.get('code_challenge_method')).toBe('S256');
      expect(question.get('code_challenge')).toBe(createHash('sha256').update(sent.get('code_verifier')!).digest('base64url'));
    });
  });
}

test('the refresh token renews the sign-in without a word', async ({ openSignedIn, page }) => {
  await page.clock.install();
  await openSignedIn('/audit');
  const renewed = page.waitForResponse((answer) => answer.url().endsWith('/token') && answer.ok());
  await page.clock.fastForward(280_000);
  await renewed;
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test.describe('without refresh tokens', () => {
  test.use({ refresh: false });

  test('one signs in again in a window beside the page', async ({ openSignedIn, page, context }) => {
    await page.clock.install();
    await openSignedIn('/audit');
    await page.clock.fastForward(301_000);
    const popup = context.waitForEvent('page');
    await page.getByRole('dialog').getByRole('button', { name: 'Sign in again' }).click();
    await popup;
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Audit log');
  });
});

test('to GraphiQL, opened by itself, a token is pasted', async ({ openSignedIn, page, context, served, issuer, watch, allowTrouble }) => {
  allowTrouble(/401/); // without a token GraphiQL asks in vain
  await openSignedIn('/audit');
  const token = await keptToken(page);
  const explorer = await context.newPage();
  watch(explorer, served.url, issuer.url);
  const asked: (string | undefined)[] = [];
  explorer.on('request', (request) => void (request.url().endsWith('/graphql') && asked.push(request.headers().authorization)));
  await explorer.goto(`${served.url}/graphiql`);
  await expect(status(explorer)).toHaveText('Not signed in.');
  await expect.poll(() => asked.length).toBeGreaterThan(0);
  expect(asked.filter(Boolean)).toEqual([]);
  await explorer.locator('#token').fill(token);
  await explorer.locator('#paste [type=submit]').click();
  await expect(status(explorer)).toContainText('Token in use; it expires at');
  await expect.poll(() => result(explorer)).toContain('Olga Berg');
  await expect(explorer.locator('#token')).toHaveValue('');
  await expectNothingStored(explorer);
  await explorer.locator('#sign-out').click();
  await expect(status(explorer)).toHaveText('Not signed in.');
});
