/** Moving through the table and selecting in it, and its states. */
import { apiAs, total } from './api';
import { grid, rows, settled } from './explorer';
import { expect, expectAccessible, expectBack, test } from './fixtures';

const bar = (page: import('@playwright/test').Page) => page.getByRole('region', { name: 'Selected conversations' });

test('the keyboard moves, selects, makes ranges, and opens', async ({ openAs }) => {
  const page = await openAs('manager');
  await settled(page);
  await rows(page).first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(rows(page).nth(1)).toBeFocused();
  await page.keyboard.press(' ');
  await expect(bar(page)).toContainText('1 selected');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await expect(bar(page)).toContainText('3 selected');
  await page.keyboard.press('Shift+ArrowUp');
  await expect(bar(page)).toContainText('2 selected');
  await expect(rows(page).nth(2)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('End');
  await expect(rows(page).last()).toBeFocused();
  await page.keyboard.press('Control+a');
  await expect(bar(page)).toContainText('25 selected');
  await page.keyboard.press('Escape');
  await expect(bar(page)).toHaveCount(0);
  await page.keyboard.press('Home');
  const id = await rows(page).first().getAttribute('data-id');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`/conversations?open=${id}`);
});

test('the mouse selects ranges, and a selection goes on over pages', async ({ openAs }) => {
  test.slow(); // axe takes its time with a table
  const page = await openAs('manager');
  await rows(page).nth(2).getByRole('checkbox').click();
  await rows(page)
    .nth(5)
    .getByRole('gridcell')
    .nth(3)
    .click({ modifiers: ['Shift'] });
  await expect(bar(page)).toContainText('4 selected');
  await rows(page)
    .nth(3)
    .getByRole('gridcell')
    .nth(3)
    .click({ modifiers: ['ControlOrMeta'] });
  await expect(bar(page)).toContainText('3 selected');
  await page.keyboard.press(' ');
  await expect(bar(page)).toContainText('4 selected');
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(bar(page)).toContainText('4 selected (on other pages)');
  await expectAccessible(page);
  await page.getByLabel('Reviewable', { exact: true }).selectOption('Yes');
  await expect(bar(page)).toHaveCount(0);
});

test('no more are offered to be anonymized at once than the API takes', async ({ openAs }) => {
  const page = await openAs('manager', '/conversations?size=100');
  await expect(rows(page)).toHaveCount(100);
  await page.getByRole('checkbox', { name: 'Select all on this page' }).check();
  await expect(page.getByRole('button', { name: 'Anonymize 100…' })).toBeEnabled();
  const before = await rows(page).first().getAttribute('data-id');
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(rows(page).first()).not.toHaveAttribute('data-id', before!);
  await rows(page).first().getByRole('checkbox').click();
  await expect(page.getByRole('button', { name: 'Anonymize 101…' })).toBeDisabled();
  await expect(bar(page)).toContainText('At most 100 can be anonymized at once.');
});

test('the supervisor sees the group alone, and is offered nothing to anonymize', async ({ openAs, server }) => {
  test.slow(); // axe takes its time with a table
  const page = await openAs('supervisor');
  const seen = await total(await apiAs(server, 'supervisor'), {});
  expect(seen).toBeLessThan(await total(await apiAs(server, 'manager'), {}));
  await expect(page.getByText(`${seen} conversations`, { exact: true })).toBeVisible();
  await rows(page).first().focus();
  await page.keyboard.press(' ');
  await page.keyboard.press('Control+a');
  await expect(page.getByText(/selected/)).toHaveCount(0);
  await expect(page.getByRole('button', { name: /^Anonymize/ })).toHaveCount(0);
  await expect(grid(page).getByRole('checkbox')).toHaveCount(0);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/open=.+/);
  await page.goBack();
  await expectAccessible(page);
});

test('where nothing matches, the way back is offered', async ({ openAs }) => {
  test.slow(); // axe takes its time with a table
  const page = await openAs('manager', '/conversations?from=2001-01-01T00:00:00.000Z&to=2001-01-02T00:00:00.000Z');
  await expect(page.getByText('No matching conversations')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Clear all filters' }).click();
  await expect(rows(page)).toHaveCount(25);
});

test('a period that ends before it begins is not asked for', async ({ openAs }) => {
  test.slow(); // axe takes its time with a table
  const page = await openAs('manager', '/conversations?from=2026-01-02T00:00:00.000Z&to=2026-01-01T00:00:00.000Z');
  await expect(page.getByText('The period ends before it starts')).toBeVisible();
  await expect(page.getByText('Choose a time after the start')).toBeVisible();
  await expectAccessible(page);
});

test('while the table is on its way it has its place already', async ({ openAs, page }) => {
  test.slow(); // axe takes its time with a table
  let answer = () => undefined as void;
  const held = new Promise<void>((resolve) => (answer = resolve));
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes('ConversationList')) await held;
    await route.continue();
  });
  await openAs('manager');
  await expect(page.getByText('Loading conversations…')).toBeAttached();
  const paging = page.getByRole('navigation', { name: 'Pages of the table' });
  const before = await paging.boundingBox();
  await expectAccessible(page);
  answer();
  await expect(rows(page)).toHaveCount(25);
  expect(Math.abs((await paging.boundingBox())!.y - before!.y)).toBeLessThan(2);
});

test('an old cursor shows the first page; a failure and a lost connection are told, and mended', async ({ openAs, page, allowTrouble }) => {
  test.slow(); // axe takes its time with a table
  allowTrouble(/ERR_FAILED|WebSocket/);
  await openAs('manager', '/conversations?after=nonsense');
  await expect(rows(page)).toHaveCount(25);
  await page.route(/graphql|healthz/, (route) => route.abort());
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(page.getByRole('alert').first()).toContainText('The server cannot be reached');
  await expect(rows(page)).toHaveCount(25);
  await expectAccessible(page);
  await page.unroute(/graphql|healthz/);
  await expectBack(page);
});
