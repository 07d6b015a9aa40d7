/** What stands around every page: theme, narrow and wide screens, the keyboard, a server that is away. */
import { expect, expectAccessible, expectBack, expectNoSideScroll, test, tryAgain } from './fixtures';

test('the menus are accessible', async ({ openAs }) => {
  const page = await openAs('manager', '/audit');
  for (const name of ['Signed in as Clara Novak', 'Theme']) {
    await page.getByRole('button', { name }).click();
    await expect(page.getByRole('dialog')).toBeVisible();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toHaveCount(0);
  }
});

test('the theme is picked, and kept', async ({ openAs }) => {
  const page = await openAs('agent');
  for (const [label, scheme] of [
    ['Dark', 'dark'],
    ['Light', 'light'],
  ] as const) {
    await page.getByRole('button', { name: 'Theme' }).click();
    await page.getByRole('radio', { name: label }).click();
    await page.reload();
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', scheme);
  }
});

test('everything can be reached on a screen of 360 pixels', async ({ openAs }) => {
  const page = await openAs('manager');
  await page.setViewportSize({ width: 360, height: 740 });
  await expect(page.getByRole('grid')).toBeVisible();
  await expectNoSideScroll(page);
  await expect(page.getByRole('link', { name: 'Audit log' })).toBeHidden();
  await page.getByRole('button', { name: 'Open navigation' }).click();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Audit log' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Audit log');
  await expect(page.getByRole('link', { name: 'Compliance' })).toBeHidden();
  await expectNoSideScroll(page);
});

test('the first key press offers to skip to the content', async ({ openAs }) => {
  const page = await openAs('manager', '/audit');
  await page.reload();
  await expect(page.getByRole('main').getByRole('listitem').first()).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toBeFocused();
});

test('a server that is away is told, and found again', async ({ openAs, allowTrouble }) => {
  allowTrouble(/ERR_FAILED|ERR_CONNECTION|WebSocket/);
  const page = await openAs('manager');
  await expect(page.getByRole('grid')).toBeVisible();
  await page.route(/graphql|healthz/, (route) => route.abort());
  await page.getByRole('link', { name: 'Audit log' }).click();
  await expect(page.getByRole('alert').first()).toContainText('The server cannot be reached');
  await expectAccessible(page);
  await page.unroute(/graphql|healthz/);
  await expectBack(page);
  await expect(page.getByRole('main').getByRole('listitem').first()).toBeVisible();
});

test('what went wrong on the server names the request', async ({ openAs, page }) => {
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes('AuditOperations')) return route.fallback();
    const body = { data: null, errors: [{ message: 'something went wrong', extensions: { code: 'INTERNAL' } }] };
    await route.fulfill({ json: body, headers: { 'X-Request-Id': 'e7a1' } });
  });
  await openAs('manager', '/audit');
  await expect(page.getByRole('alert')).toContainText('Request ID for your administrator: e7a1');
});

test('a server that cannot tell who is signed in: that stands in a page, and can be tried again', async ({ openAs, allowTrouble }) => {
  allowTrouble(/ERR_FAILED/);
  const page = await openAs('manager', '/compliance');
  await page.route('**/graphql', (route) => route.abort());
  await page.reload();
  await expect(page.getByRole('main').getByRole('alert')).toContainText('The server cannot be reached');
  await expectAccessible(page);
  await page.unroute('**/graphql');
  await tryAgain(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Compliance');
});
