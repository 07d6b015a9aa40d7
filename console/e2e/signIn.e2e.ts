/** Signing in and out, in the demo. */
import { expect, expectAccessible, NAMES, signInByHand, test } from './fixtures';

test('one of four people is picked, and the page that was asked for comes', async ({ page }) => {
  await page.goto('/audit');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in to qm-compliance');
  await expect(page.getByRole('main').getByRole('button')).toHaveCount(4);
  await expectAccessible(page);
  await signInByHand(page, 'analyst', '/audit');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Audit log');
  await expect(page).toHaveTitle('Audit log · qm-compliance');
});

test('a reload keeps the sign-in, signing out ends it', async ({ page }) => {
  await signInByHand(page, 'manager');
  await page.reload();
  await page.getByRole('button', { name: `Signed in as ${NAMES.manager}` }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in to qm-compliance');
  expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))).not.toContain('accessToken');
});

test('no token is kept beyond the tab', async ({ page }) => {
  await signInByHand(page, 'agent');
  expect(await page.evaluate(() => JSON.stringify(localStorage) + document.cookie + location.href)).not.toMatch(/eyJ/);
});
