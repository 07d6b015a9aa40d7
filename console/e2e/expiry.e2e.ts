/** A sign-in that ends while somebody works is mended in place. */
import { expect, expectAccessible, NAMES, test } from './fixtures';

test('when its time is over, one signs in again, and the page stays', async ({ page, openAs }) => {
  await page.clock.install();
  await openAs('manager', '/audit');
  await expect(page.getByRole('main').getByRole('listitem').first()).toBeVisible();
  await page.evaluate(() => document.querySelector('main')!.setAttribute('data-mark', 'same'));
  await page.clock.fastForward('01:01:00');
  const dialog = page.getByRole('dialog', { name: 'Your session has expired' });
  await expect(dialog).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: `Sign in again as ${NAMES.manager}` }).click();
  await expect(dialog).toBeHidden();
  await expect(page.locator('main[data-mark=same]')).toBeVisible();
});

test('a token that the server refuses is replaced, and what was asked is answered', async ({ page, openAs, allowTrouble }) => {
  allowTrouble(/401/);
  await openAs('analyst', '/audit');
  await page.evaluate(() => {
    const grant = JSON.parse(sessionStorage.getItem('qm-console.demo')!) as { accessToken: string };
    sessionStorage.setItem('qm-console.demo', JSON.stringify({ ...grant, accessToken: `${grant.accessToken.slice(0, -8)}AAAAAAAA` }));
  });
  await page.reload();
  await page.getByRole('button', { name: `Sign in again as ${NAMES.analyst}` }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Audit log');
  await expect(page.getByRole('main').getByRole('listitem').first()).toBeVisible();
});

test('one may leave instead', async ({ page, openAs, allowTrouble }) => {
  allowTrouble(/closed before the connection is established/); // one may leave before it is, and the browser says so
  await page.clock.install();
  await openAs('agent');
  await page.clock.fastForward('01:01:00');
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in to qm-compliance');
});
