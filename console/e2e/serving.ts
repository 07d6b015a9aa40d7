/** `serve`, the program as it is run for real, with a provider at which people sign in: one of its own for each test. */
import type { Page } from '@playwright/test';
import { expect, test as base } from './fixtures';
import { startIssuer, startMock, type Issuer } from './issuer';
import { startServe, type Server } from './server';

interface Options {
  /** Which provider it is; oauth2-mock-server always hands out refresh tokens. */
  provider: 'oidc-provider' | 'oauth2-mock-server';
  /** Whether the provider hands out refresh tokens. */
  refresh: boolean;
  /** More flags of the command. */
  flags: string[];
}

export interface Fixtures {
  issuer: Issuer;
  /** More of the program's environment. */
  environment: Record<string, string>;
  served: Server;
  /** Opens a page of the console as Olga Berg, a compliance analyst. */
  openSignedIn: (path: string) => Promise<Page>;
}

export const test = base.extend<Options & Fixtures>({
  provider: ['oidc-provider', { option: true }],
  refresh: [true, { option: true }],
  flags: [[], { option: true }],
  // eslint-disable-next-line no-empty-pattern
  environment: async ({}, use) => use({}),
  issuer: async ({ provider, refresh }, use) => {
    const issuer = await (provider === 'oidc-provider' ? startIssuer({ refresh }) : startMock());
    await use(issuer);
    await issuer.stop();
  },
  served: async ({ issuer, watch, page, flags, environment }, use) => {
    const served = await startServe(issuer.url, flags, environment);
    issuer.admit(served.url);
    watch(page, served.url, issuer.url);
    await use(served);
    await served.stop();
  },
  openSignedIn: async ({ served, page, provider }, use) => {
    await use(async (path) => {
      await page.goto(served.url + path);
      await page.getByRole('button', { name: 'Sign in' }).click();
      if (provider === 'oidc-provider') await page.getByRole('button', { name: 'Sign in as Olga' }).click();
      await expect(page.getByRole('button', { name: 'Signed in as Olga Berg' })).toBeVisible();
      return page;
    });
  },
});

/** keptToken is the access token that the console keeps in a tab. */
export const keptToken = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const key = Object.keys(sessionStorage).find((name) => name.startsWith('oidc.user:'))!;
    return (JSON.parse(sessionStorage.getItem(key)!) as { access_token: string }).access_token;
  });
