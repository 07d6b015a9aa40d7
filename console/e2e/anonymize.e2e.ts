/** Anonymizing from the table: what the dialog says beforehand, the confirmation, and what comes of it. */
import type { Page } from '@playwright/test';
import { anonymize, BASIC, pick, saveSettings } from './api';
import { NEVER, test } from './anonymizing';
import { ask, confirm, dialog, grid, row, rows, settled } from './explorer';
import { expect, expectAccessible } from './fixtures';

const close = (page: Page) => dialog(page).getByRole('button', { name: 'Close' }).last();

test('several: the dialog says in numbers what will happen, their number confirms it, and the table follows', async ({ openAs, api }) => {
  test.slow();
  const version = await saveSettings(api, { ...BASIC, subjectAndBody: true, mediaFiles: true });
  const picked = await pick(api, 2, { types: ['CALL'], mediaStatuses: ['AVAILABLE'] });
  const ids = picked.map(({ id }) => id);
  const page = await openAs('manager', '/conversations?type=CALL&media=AVAILABLE,PLANNED_FOR_DELETION');
  await ask(page, ids);
  await expect(dialog(page)).toContainText('This cannot be undone');
  await expect(dialog(page)).toContainText(/\d+ phone numbers?/);
  await expect(dialog(page)).toContainText(/Deleted\s*[23] call recordings/);
  await expect(dialog(page)).toContainText('2 conversations can no longer be reviewed');
  await expect(dialog(page)).toContainText(`Version ${version} defines`);
  await dialog(page).getByText('Effect on each conversation').click();
  await expect(dialog(page).getByRole('listitem').filter({ hasText: 'no longer reviewable' })).toHaveCount(2);
  await expectAccessible(page);
  const button = dialog(page).getByRole('button', { name: 'Anonymize 2 conversations' });
  for (const wrong of ['', '1', '22', 'two']) {
    await dialog(page).getByRole('textbox').fill(wrong);
    await expect(button).toBeDisabled();
  }
  await confirm(page, 2);
  await expect(dialog(page).getByRole('status')).toContainText('2 conversations anonymized');
  await expect(dialog(page)).toContainText('Recordings of 2 conversations are planned for deletion');
  await settled(page);
  await expectAccessible(page);
  await dialog(page).getByRole('button', { name: 'Close' }).last().click();
  for (const id of ids) {
    await expect(row(page, id)).toContainText('Planned for deletion of media files');
    await expect(
      row(page, id)
        .getByRole('gridcell')
        .filter({ hasText: /^No\s*Anonymized/ }),
    ).toBeVisible();
    await expect(
      row(page, id)
        .getByTitle(/^Personal data was removed/)
        .first(),
    ).toBeVisible();
  }
  await expect(page.getByText(/selected/)).toHaveCount(0);
  await expect(page.locator('[data-id]:focus')).toHaveCount(1);
});

test('one: a second step, not a number', async ({ openAs, api }) => {
  const [one] = await pick(api, 1);
  const page = await openAs('analyst', NEVER);
  await ask(page, [one!.id]);
  await expect(dialog(page)).toHaveAccessibleName('Anonymize this conversation?');
  await expect(dialog(page).getByRole('button', { name: 'Anonymize 1 conversation' })).toBeDisabled();
  await confirm(page, 1);
  await expect(dialog(page).getByRole('status')).toContainText('1 conversation anonymized');
  await expect(close(page)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog(page)).toBeHidden();
  await expect(row(page, one!.id)).toHaveCount(0);
});

test('by keyboard alone, from the filter to the deed', async ({ openAs, api }) => {
  const [one, two] = await pick(api, 2, { types: ['CHAT'] });
  const page = await openAs('manager', '/conversations');
  await page.getByRole('textbox', { name: 'Phone number' }).focus();
  for (
    let at = 0;
    at < 40 && !(await page.getByRole('checkbox', { name: 'Chat', exact: true }).evaluate((box) => box === document.activeElement));
    at++
  )
    await page.keyboard.press('Shift+Tab');
  await page.keyboard.press(' ');
  await expect(page).toHaveURL(/type=CHAT/);
  await expect(page.getByRole('button', { name: 'Remove the filter Chat' })).toBeVisible(); // the address is there before the table is asked for
  await settled(page);
  for (let at = 0; at < 40 && (await page.locator('[data-id]:focus').count()) === 0; at++) await page.keyboard.press('Tab');
  while (!(await row(page, one!.id).evaluate((element) => element === document.activeElement))) await page.keyboard.press('ArrowDown');
  await page.keyboard.press(' ');
  while (!(await row(page, two!.id).evaluate((element) => element === document.activeElement))) await page.keyboard.press('ArrowDown');
  await page.keyboard.press(' ');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Clear selection' })).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(dialog(page).getByRole('textbox')).toBeVisible();
  while (
    !(await dialog(page)
      .getByRole('textbox')
      .evaluate((field) => field === document.activeElement))
  )
    await page.keyboard.press('Tab');
  await page.keyboard.type('2');
  await page.keyboard.press('Enter');
  await expect(dialog(page).getByRole('status')).toContainText('2 conversations anonymized');
  await expect(close(page)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(rows(page).and(page.locator(':focus'))).toHaveCount(1);
  await expect(row(page, one!.id)).toContainText('Anonymized');
});

test('what was anonymized already is not counted as done, and the title no longer asks', async ({ openAs, api }) => {
  const [one, two] = await pick(api, 2, { types: ['CALL'], mediaStatuses: ['AVAILABLE'] });
  await saveSettings(api, { mediaFiles: true });
  await anonymize(api, [one!.id]);
  const page = await openAs('manager', '/conversations?type=CALL&media=AVAILABLE,PLANNED_FOR_DELETION');
  await ask(page, [one!.id, two!.id]);
  await expect(dialog(page)).toHaveAccessibleName('Anonymize 2 conversations?');
  await confirm(page, 2);
  await expect(dialog(page).getByRole('status')).toContainText('1 conversation anonymized');
  await expect(dialog(page)).toContainText('Recordings of 1 conversation are planned for deletion');
  await expect(dialog(page)).toContainText('1 conversation was already anonymized and did not change.');
  await expect(dialog(page)).toHaveAccessibleName('Anonymized 1 conversation');
});

test('what is anonymized already is not asked for again', async ({ openAs, api }) => {
  const [one] = await pick(api, 1);
  await anonymize(api, [one!.id]);
  const page = await openAs('manager');
  await expect(grid(page)).toBeVisible();
  await ask(page, [one!.id]);
  await expect(dialog(page)).toContainText('Already anonymized under these settings');
  await expect(dialog(page).getByRole('button', { name: /^Anonymize/ })).toHaveCount(0);
});

test('on 360 pixels the dialog can be worked with', async ({ openAs, api }) => {
  const [one] = await pick(api, 1);
  const page = await openAs('manager', NEVER);
  await page.setViewportSize({ width: 360, height: 640 });
  await ask(page, [one!.id]);
  await confirm(page, 1);
  await expect(dialog(page).getByRole('status')).toContainText('1 conversation anonymized');
});
