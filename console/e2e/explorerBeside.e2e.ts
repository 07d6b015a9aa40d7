/** The detail beside the table: opened by mouse, keyboard and address, closed, followed live, and on screens that have no room for both. */
import type { Locator, Page } from '@playwright/test';
import { anonymize, apiAs, pick, saveSettings } from './api';
import { confirm, dialog, openPage, row, rows, settled } from './explorer';
import { expect, expectAccessible, expectNoSideScroll, test } from './fixtures';

const detail = (page: Page) => page.getByRole('region', { name: 'Conversation', exact: true });

const heading = (page: Page) => detail(page).getByRole('heading', { name: 'Conversation', exact: true });

const firstCell = (page: Page, id: string) => row(page, id).getByRole('gridcell').nth(4);

test('a click shows a conversation beside the table, which stays', async ({ openAs, server }) => {
  test.slow(); // axe takes its time with a table
  const [one, two] = await pick(await apiAs(server, 'manager'), 2, { types: ['CALL'] });
  const page = await openAs('manager', '/conversations?type=CALL');
  await firstCell(page, one!.id).click();
  await expect(page).toHaveURL(`/conversations?type=CALL&open=${one!.id}`);
  await expect(detail(page)).toContainText(one!.participants[0]!.name);
  await expect(row(page, one!.id)).toHaveAttribute('aria-current', 'true');
  await expect(row(page, one!.id)).toBeFocused();
  await expectAccessible(page);
  await row(page, two!.id).getByRole('link').click();
  await expect(page).toHaveURL(`/conversations?type=CALL&open=${two!.id}`);
  await expect(detail(page)).toContainText(two!.participants[0]!.name);
  await expect(rows(page)).toHaveCount(25);
  await page.goBack();
  await expect(row(page, one!.id)).toHaveAttribute('aria-current', 'true');
  await page.reload();
  await expect(detail(page)).toContainText(one!.participants[0]!.name);
  await page.getByRole('button', { name: 'Close the conversation' }).click();
  await expect(detail(page)).toHaveCount(0);
  await expect(page).toHaveURL('/conversations?type=CALL');
  await expect(row(page, one!.id)).toBeFocused();
});

test('the keyboard goes to the detail and back', async ({ openAs }) => {
  const page = await openAs('manager');
  await settled(page);
  await rows(page).first().focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(heading(page)).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(detail(page)).toHaveCount(0);
  await expect(rows(page).nth(1)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(heading(page)).toBeFocused();
  await rows(page).nth(1).focus();
  await page.keyboard.press('Enter'); // to what is open already
  await expect(heading(page)).toBeFocused();
  await page.getByRole('button', { name: 'Export as vCon…' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(detail(page)).toBeVisible(); // a dialog takes its Escape for itself
  await rows(page).nth(3).focus();
  await page.keyboard.press('Escape');
  await expect(detail(page)).toHaveCount(0);
});

test('to mark a text, and to select, opens nothing', async ({ openAs }) => {
  const page = await openAs('manager');
  await settled(page);
  await rows(page).nth(2).getByRole('checkbox').click();
  await rows(page)
    .nth(4)
    .getByRole('gridcell')
    .nth(4)
    .click({ modifiers: ['Shift'] });
  await expect(page.getByRole('region', { name: 'Selected conversations' })).toContainText('3 selected'); // it moves what is below it
  await markText(rows(page).getByText(/@/).first());
  await expect(page.getByRole('region', { name: 'Selected conversations' })).toContainText('3 selected');
  await expect(detail(page)).toHaveCount(0);
});

/** markText drags the mouse over a text, as one does to copy it. */
async function markText(text: Locator): Promise<void> {
  const { x, y, width, height } = (await text.boundingBox())!;
  const mouse = text.page().mouse;
  await mouse.move(x + 1, y + height / 2);
  await mouse.down();
  await mouse.move(x + width - 1, y + height / 2);
  await mouse.up();
}

test('filters and pages leave the detail where it is', async ({ openAs }) => {
  const page = await openAs('manager');
  await firstCellOf(page, 0).click();
  await expect(heading(page)).toBeVisible();
  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByLabel('Reviewable', { exact: true }).selectOption('Yes');
  await expect(page).toHaveURL(/reviewable=yes&open=/);
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(page).toHaveURL(/after=.*&open=/);
  await expect(heading(page)).toBeVisible();
});

const firstCellOf = (page: Page, at: number) => rows(page).nth(at).getByRole('gridcell').nth(4);

test('without room for both, the detail stands in the place of the table', async ({ openAs, server }) => {
  test.slow(); // axe takes its time with a table
  const [one] = await pick(await apiAs(server, 'manager'), 1);
  const page = await openAs('manager', `/conversations?open=${one!.id}`);
  await page.setViewportSize({ width: 800, height: 800 });
  await expect(rows(page)).toHaveCount(0);
  await expect(detail(page)).toContainText(one!.participants[0]!.name);
  await page.setViewportSize({ width: 360, height: 740 });
  await expectNoSideScroll(page);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Close the conversation' }).click();
  await expect(row(page, one!.id)).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`/conversations/${one!.id}`);
});

test('what is anonymized beside the table changes in it, and the search for it is gone', async ({ openAs, server }) => {
  const api = await apiAs(server, 'manager');
  await saveSettings(api);
  const [one] = await pick(api, 1, { types: ['CHAT'], participantDigitalAddress: '@example' });
  const address = one!.participants.find(({ digitalAddress }) => digitalAddress?.includes('@example'))!.digitalAddress!;
  const page = await openAs('manager');
  await page.getByRole('textbox', { name: 'E-mail, IP or chat handle' }).fill(address);
  await page.keyboard.press('Enter');
  await firstCell(page, one!.id).click();
  await expect(detail(page)).toContainText(address);
  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByRole('textbox', { name: 'Phone number' }).fill('typed, and not searched for');
  await detail(page).getByRole('button', { name: 'Anonymize…' }).click();
  await confirm(page, 1);
  await expect(dialog(page).getByRole('status')).toContainText('anonymized');
  await dialog(page).getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByText('The search was cleared')).toBeVisible();
  await expect(detail(page)).toContainText('[anondigitaladdress]');
  for (const name of ['Phone number', 'E-mail, IP or chat handle']) await expect(page.getByRole('textbox', { name })).toHaveValue('');
  await expect(page.getByRole('group', { name: 'Active filters' })).not.toContainText(address);
  await expect(detail(page).getByRole('region', { name: 'Participants' })).not.toContainText(address);
});

test('what is anonymized on its own page is not searched for when one comes back', async ({ openAs, server }) => {
  const api = await apiAs(server, 'manager');
  await saveSettings(api);
  const [one] = await pick(api, 1, { types: ['CALL'], participantPhoneNumber: '+447' });
  const phone = one!.participants.find(({ phoneNumber }) => phoneNumber?.startsWith('+44'))!.phoneNumber!;
  const page = await openAs('manager');
  await page.getByRole('textbox', { name: 'Phone number' }).fill(phone);
  await page.keyboard.press('Enter');
  await firstCell(page, one!.id).click();
  await openPage(page);
  await page.getByRole('button', { name: 'Anonymize…' }).click();
  await confirm(page, 1);
  await dialog(page).getByRole('button', { name: 'Close' }).last().click();
  await page.getByRole('link', { name: 'Conversations', exact: true }).click();
  await expect(page.getByText('The search was cleared')).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Phone number' })).toHaveValue('');
  await expect(rows(page)).toHaveCount(25);
});

test('table and detail follow what somebody else does', async ({ openAs, server }) => {
  const api = await apiAs(server, 'analyst');
  await saveSettings(api, { subjectAndBody: true });
  const [one] = await pick(api, 1, { types: ['CHAT'], isReviewable: true });
  const page = await openAs('manager', `/conversations?type=CHAT&open=${one!.id}`);
  await expect(detail(page)).toContainText('Reviewable.');
  await settled(page);
  await anonymize(api, [one!.id]);
  await expect(detail(page)).toContainText('Not reviewable.');
  await expect(row(page, one!.id)).toContainText('Anonymized');
});

test('a conversation that does not exist for the viewer is not shown, and the table is', async ({ openAs, server }) => {
  const mine = new Set((await pick(await apiAs(server, 'agent'), 3)).map(({ id }) => id));
  const other = (await pick(await apiAs(server, 'manager'), 60)).find(({ id }) => !mine.has(id))!;
  const page = await openAs('agent', `/conversations?open=${other.id}`);
  await expect(detail(page)).toContainText('Conversation not found');
  await expect(detail(page).getByRole('button')).toHaveCount(1);
  await expect(rows(page).first()).toBeVisible();
  await page.goto('/conversations?open=nonsense');
  await expect(detail(page)).toContainText('Conversation not found');
});
