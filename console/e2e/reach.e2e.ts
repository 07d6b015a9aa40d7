/** A server that is away, busy or newer than the console: it is said once, heals by itself, and never leaves a page blank. */
import type { Page } from '@playwright/test';
import { rows, settled } from './explorer';
import { expect, expectAccessible, test } from './fixtures';

const failed = (page: Page) => page.getByRole('heading', { level: 1, name: 'This page could not be shown' });
const heading = (page: Page) => page.getByRole('heading', { level: 1 });

const code = /\/assets\/audit-.*\.js/;

test('a page whose code is gone says so, and is tried anew when one comes back to it', async ({ openAs, allowTrouble }) => {
  allowTrouble(/404|Failed to fetch/);
  const page = await openAs('manager');
  await page.route(code, (route) => route.fulfill({ status: 404 }));
  await page.getByRole('link', { name: 'Audit log' }).click();
  await expect(failed(page)).toBeFocused();
  await expect(page).toHaveTitle('This page could not be shown · qm-compliance');
  await expectAccessible(page);
  await page.unroute(code);
  await page.getByRole('button', { name: 'Reload' }).click();
  await expect(heading(page)).toHaveText('Audit log');
});

test('after an update the console loads itself anew, once', async ({ openAs, allowTrouble }) => {
  allowTrouble(/404|Failed to fetch/);
  const page = await openAs('manager');
  const newer = '<script type="module" crossorigin src="/assets/index-newer.js"></script>';
  await page.route(
    (url) => url.pathname === '/',
    (route) => route.fulfill({ contentType: 'text/html', body: newer }),
  );
  let loads = 0;
  page.on('load', () => void loads++);
  await page.route(code, (route) => (loads === 0 ? route.fulfill({ status: 404 }) : route.fallback()));
  await page.getByRole('link', { name: 'Audit log' }).click();
  await expect(heading(page)).toHaveText('Audit log');
  expect(loads).toBe(1);
  // It has come from this console to a newer one already: a second time it leaves that to the person.
  await page.unroute(code);
  await page.route(/\/assets\/compliance-.*\.js/, (route) => route.fulfill({ status: 404 }));
  await page.getByRole('link', { name: 'Compliance' }).click();
  await expect(failed(page)).toBeVisible();
  expect(loads).toBe(1);
});

test('without a network a page says so, and comes by itself when the network is back', async ({ openAs, context, allowTrouble }) => {
  allowTrouble(/ERR_|Failed to fetch|WebSocket/);
  const page = await openAs('manager');
  await settled(page);
  await context.setOffline(true);
  await page.getByRole('link', { name: 'Compliance' }).click();
  await expect(failed(page)).toBeVisible();
  await page.getByRole('button', { name: 'Reload' }).click(); // what a browser says of a server that is away would be worse
  await expect(failed(page)).toBeVisible();
  await context.setOffline(false);
  await expect(heading(page)).toHaveText('Compliance');
});

test('a conversation whose code is gone leaves the table, and says so beside it', async ({ openAs, allowTrouble }) => {
  allowTrouble(/404|Failed to fetch/);
  const page = await openAs('manager');
  await settled(page);
  await page.route(/ConversationDetail-.*\.js/, (route) => route.fulfill({ status: 404 }));
  await rows(page).first().getByRole('gridcell').nth(3).click();
  await expect(page.getByRole('alert')).toContainText('This conversation could not be shown');
  await expect(rows(page)).toHaveCount(25);
  await page.unroute(/ConversationDetail-.*\.js/);
  await page.getByRole('button', { name: 'Close the conversation' }).click();
  await rows(page).nth(1).getByRole('gridcell').nth(3).click();
  await expect(page.getByRole('region', { name: 'Conversation', exact: true })).toContainText('Reviewable');
});

test('a server that is away is told once, and found again by itself', async ({ openAs, allowTrouble }) => {
  allowTrouble(/ERR_FAILED|ERR_CONNECTION|WebSocket/);
  const page = await openAs('manager');
  await settled(page);
  await page.route(/graphql|healthz/, (route) => route.abort());
  await page.getByLabel('Reviewable', { exact: true }).selectOption('Yes');
  await expect(page.getByRole('alert')).toHaveText(/The server cannot be reached/);
  await expect(page.getByRole('button', { name: 'Try again' })).toHaveCount(1);
  await expect(page.getByText('Loads when the server can be reached')).toBeVisible();
  await page.unroute(/graphql|healthz/);
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(rows(page)).toHaveCount(25);
});

test('a server that goes away while nobody asks it anything is told', async ({ page, openAs, allowTrouble }) => {
  allowTrouble(/ERR_FAILED|ERR_CONNECTION|WebSocket/);
  let hangUp = () => undefined as unknown;
  await page.routeWebSocket(/graphql/, (socket) => {
    socket.connectToServer();
    hangUp = () => socket.close({ code: 4000, reason: 'gone' });
  });
  await openAs('manager');
  await settled(page);
  await page.route(/graphql|healthz/, (route) => route.abort());
  await hangUp();
  await expect(page.getByRole('alert')).toContainText('The server cannot be reached');
});

const refusing = (error: string, status: number) => ({
  status,
  headers: { 'Retry-After': '1' },
  contentType: 'application/json',
  body: JSON.stringify({ errors: [{ message: 'too much of it', extensions: { code: error } }] }),
});

for (const [error, status, says] of [
  ['UNAVAILABLE', 503, 'The server is temporarily unavailable'],
  ['RATE_LIMITED', 429, 'Too many requests'],
] as const) {
  test(`${error} is said as what it is, and asked again by itself`, async ({ openAs, allowTrouble, server }) => {
    allowTrouble(/503|429/);
    const page = await openAs('manager');
    await settled(page);
    const id = await rows(page).first().getAttribute('data-id');
    await page.route('**/graphql', (route) =>
      route.request().postData()?.includes('query Conversation(') ? route.fulfill(refusing(error, status)) : route.fallback(),
    );
    await page.goto(`${server.url}/conversations/${id}`);
    await expect(page.getByRole('alert')).toContainText(says); // and not: there is no such conversation
    await expect(heading(page)).toHaveText('Conversation');
    await expect(page.getByText('The server cannot be reached')).toHaveCount(0);
    await page.unroute('**/graphql');
    await expect(page.getByRole('region', { name: 'Participants' })).toBeVisible();
    await expect(page.getByRole('alert')).toHaveCount(0);
  });
}
