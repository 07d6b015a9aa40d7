/** Signing in at an OpenID Connect provider. */
import type { Page } from '@playwright/test';
import { expect, test as base } from './fixtures';
import { startIssuer, type Issuer } from './issuer';
import { startServe, type Server } from './server';

interface Options {
  refresh: boolean;
}

/** A server of its own for each test, with a provider. */
const test = base.extend<Options & { issuer: Issuer; served: Server; openSignedIn: (path: string) => Promise<Page> }>({
  refresh: [true, { option: true }],
  issuer: async ({ refresh }, use) => {
    const issuer = await startIssuer({ refresh });
    await use(issuer);
    issuer.stop();
  },
  served: async ({ issuer, watch, page }, use) => {
    const served = await startServe(issuer.url);
    issuer.admit(served.url);
    watch(page, served.url, issuer.url);
    await use(served);
    await served.stop();
  },
  openSignedIn: async ({ served, page }, use) => {
    await use(async (path) => {
      await page.goto(served.url + path);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('button', { name: 'Sign in as Olga' }).click();
      await expect(page.getByRole('button', { name: 'Signed in as Olga Berg' })).toBeVisible();
      return page;
    });
  },
});

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
