/** GraphiQL, opened from the console, is signed in as the same person. */
import { expect, test } from './fixtures';

test('GraphiQL takes over who is signed in, and leaves no trace of the token', async ({ openAs, watch, context }) => {
  const page = await openAs('analyst');
  const [explorer] = await Promise.all([context.waitForEvent('page'), page.getByRole('link', { name: 'GraphiQL' }).click()]);
  watch(explorer);
  await expect(explorer.getByRole('status').first()).toHaveText('Signed in as Marcus Webb, through the console.');
  await expect(explorer.locator('.result-window')).toContainText('Marcus Webb');
  await expect(explorer.locator('#people')).toHaveCount(0);
  expect(await explorer.evaluate(() => location.href)).toMatch(/\/graphiql$/);
  await explorer.reload();
  await expect(explorer.getByRole('status').first()).toHaveText('Signed in as Marcus Webb, through the console.');
});

test('GraphiQL opened by itself offers the people', async ({ page }) => {
  await page.goto('/graphiql');
  await expect(page.getByLabel('Signed in as')).toBeVisible();
});
