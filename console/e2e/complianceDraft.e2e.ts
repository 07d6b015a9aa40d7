/** What is unsaved on the compliance page survives: a pause, a reload, leaving, signing out. And all of it by the keyboard. */
import type { Page } from '@playwright/test';
import { expectBack, NAMES, signInByHand } from './fixtures';
import { expect, saveAs, settingsOf, test } from './settings';

const KEPT = /^Draft saved/;
const media = (page: Page) => page.getByRole('checkbox', { name: 'Media files' });

test('after a pause the draft is kept, for its user alone, and a reload brings it back', async ({ openAs, openBeside, server }) => {
  const page = await openAs('manager', '/compliance');
  let keep = () => undefined as void;
  const held = new Promise<void>((resolve) => (keep = resolve));
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes('mutation StageCompliance')) await held;
    await route.fallback();
  });
  await media(page).check();
  await expect(page.getByText('Saving draft')).toBeVisible();
  keep();
  await expect(page.getByText(KEPT)).toBeVisible();
  expect((await settingsOf(server.url, 'manager')).staged).toContain('mediaFiles');
  await page.reload();
  await expect(media(page)).toBeChecked();
  await expect(page.getByText('1 unsaved change')).toBeVisible();
  await expect(page.getByText(KEPT)).toBeVisible();
  const other = await openBeside('analyst', '/compliance');
  await expect(media(other)).not.toBeChecked();
});

test('a reload at once loses nothing either', async ({ openAs }) => {
  const page = await openAs('manager', '/compliance');
  await media(page).check();
  await page.reload();
  await expect(media(page)).toBeChecked();
});

test('signing out at once and in again brings it back', async ({ openAs, page }) => {
  await openAs('manager', '/compliance');
  await expect(media(page)).toBeVisible();
  await page.getByRole('button', { name: `Signed in as ${NAMES.manager}` }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).focus();
  await page.evaluate(() => {
    const boxes = [...document.querySelectorAll<HTMLInputElement>('input[type=checkbox]')];
    boxes.find((box) => box.labels?.[0]?.textContent?.startsWith('Media files'))!.click();
  });
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in to qm-compliance');
  await signInByHand(page, 'manager', '/compliance');
  await expect(media(page)).toBeChecked();
});

test('another page and back brings it back', async ({ openAs }) => {
  const page = await openAs('manager', '/compliance');
  await media(page).check();
  await page.getByRole('link', { name: 'Metadata keys' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Metadata keys');
  await page.goBack();
  await expect(media(page)).toBeChecked();
});

test('what cannot be kept is told, asked about before one leaves, and kept when the server is back', async ({ openAs, allowTrouble }) => {
  allowTrouble(/ERR_FAILED|ERR_CONNECTION/);
  const page = await openAs('manager', '/compliance');
  await expect(media(page)).toBeVisible();
  await page.route(/graphql|healthz/, (route) => route.abort());
  await media(page).check();
  await expect(page.getByText('Draft not saved. The server cannot be reached.')).toBeVisible();
  await page.getByRole('link', { name: 'Audit log' }).click();
  const dialog = page.getByRole('dialog', { name: 'Leave without your changes?' });
  await expect(dialog).toBeVisible();
  await dialog.getByRole('button', { name: 'Stay' }).click();
  await expect(media(page)).toBeChecked();
  await page.unroute(/graphql|healthz/);
  await expectBack(page);
  await expect(page.getByText(KEPT)).toBeVisible();
});

test('a draft that others have overtaken is shown beside what they saved, also after a reload', async ({ openAs, server }) => {
  const page = await openAs('manager', '/compliance');
  await media(page).check();
  await expect(page.getByText(KEPT)).toBeVisible();
  await page.goto('about:blank');
  await saveAs(server.url, 'analyst', { basicData: { subjectAndBody: true } });
  await page.goto('/compliance');
  const conflict = page.getByRole('region', { name: /^Marcus Webb saved version \d+ while you were editing/ });
  await expect(conflict.getByRole('rowheader')).toHaveText(['Subject and body', 'Media files']);
});

test('the keyboard alone is enough', async ({ openAs, server }) => {
  const page = await openAs('manager', '/compliance');
  const focused = page.locator(':focus');
  const tabTo = async (what: RegExp) => {
    for (let presses = 0; presses < 200; presses++) {
      const name = await focused.evaluateAll(
        ([at]) => (at instanceof HTMLInputElement ? at.labels?.[0]?.textContent : at?.textContent) ?? '',
      );
      if (what.test(name)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`the keyboard does not get to ${what}`);
  };
  await expect(media(page)).toBeVisible();
  await tabTo(/^Media files/);
  await page.keyboard.press('Space');
  await tabTo(/^crm.customerNumber/);
  await page.keyboard.press('Space');
  await tabTo(/^Save 2 changes/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  await tabTo(/^I understand/);
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/^Saved as version/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save', exact: true })).toBeFocused();
  expect((await settingsOf(server.url, 'manager')).on).toEqual(expect.arrayContaining(['mediaFiles', 'crm.customerNumber']));
});
