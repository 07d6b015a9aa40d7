/** The Conversation Explorer: what the table shows, filters, pages, and the address. */
import type { Page } from '@playwright/test';
import { apiAs, pick, total } from './api';
import { grid, row, rows, settled } from './explorer';
import { expect, expectAccessible, expectNoSideScroll, openAs as openIn, test } from './fixtures';

const count = (page: Page) => page.getByText(/^[\d,]+ conversations?$/);

test('the table says of each conversation what it is', async ({ openAs, server }) => {
  test.slow(); // axe takes its time with a table
  const ask = await apiAs(server, 'manager');
  const [call] = await pick(ask, 1, { types: ['SCREEN_RECORDING'] });
  const page = await openAs('manager', '/conversations?type=SCREEN_RECORDING');
  const shown = row(page, call!.id);
  for (const name of ['Call', 'Screen recording']) await expect(shown.getByRole('img', { name, exact: true })).toBeVisible();
  for (const { name } of call!.participants) await expect(shown).toContainText(name);
  await expect(shown.getByRole('gridcell').filter({ hasText: 'Yes' })).toBeVisible();
  await expect(grid(page).getByRole('columnheader', { name: 'routing.queue' })).toBeVisible();
  await expect(grid(page).getByRole('columnheader', { name: 'crm.iban' })).toHaveCount(0);
  await expectAccessible(page);
});

test('times are those of the viewer', async ({ browser, server, watch }) => {
  const context = await browser.newContext({ baseURL: server.url, timezoneId: 'Asia/Tokyo', locale: 'en-GB' });
  const page = await context.newPage();
  watch(page);
  await openIn(page, server, 'manager', '/conversations?order=oldest');
  await expect(page.getByTitle('Times are in Asia/Tokyo')).toBeVisible();
  const time = rows(page).first().getByRole('time').first();
  const instant = new Date((await time.getAttribute('datetime'))!);
  const want = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'Asia/Tokyo' }).format(instant);
  await expect(time).toHaveText(want);
  await context.close();
});

const FILTERS: { name: string; act: (page: Page) => Promise<unknown>; address: RegExp; filter: Record<string, unknown>; chip: string }[] = [
  {
    name: 'type',
    act: (page) => page.getByRole('group', { name: 'Type' }).getByText('E-mail').click(),
    address: /type=EMAIL/,
    filter: { types: ['EMAIL'] },
    chip: 'E-mail',
  },
  {
    name: 'reviewable',
    act: (page) => page.getByLabel('Reviewable', { exact: true }).selectOption('Yes'),
    address: /reviewable=yes/,
    filter: { isReviewable: true },
    chip: 'Reviewable: yes',
  },
  {
    name: 'anonymized',
    act: (page) => page.getByLabel('Anonymized', { exact: true }).selectOption('No'),
    address: /anonymized=no/,
    filter: { isAnonymized: false },
    chip: 'Anonymized: no',
  },
  {
    name: 'media status',
    act: (page) => page.getByRole('group', { name: 'Media' }).getByText('Available').click(),
    address: /media=AVAILABLE/,
    filter: { mediaStatuses: ['AVAILABLE'] },
    chip: 'Media: Available',
  },
  {
    name: 'time',
    act: async (page) => {
      await page.getByLabel('Started', { exact: true }).selectOption('From … to …');
      await page.getByLabel('From', { exact: true }).fill('2020-01-01T00:00');
      await page.getByLabel('Before', { exact: true }).fill('2020-01-02T00:00');
    },
    address: /from=2020-01-01T\d\d%3A00%3A00.000Z&to=2020/,
    filter: { startedFrom: '2020-01-01T00:00:00Z', startedTo: '2020-01-02T00:00:00Z' },
    chip: 'Before Jan 2, 2020, 12:00 AM',
  },
];

for (const { name, act, address, filter, chip } of FILTERS) {
  test(`filtering by ${name} narrows the table, stands in the address, and is taken away by its chip`, async ({ openAs, server }) => {
    const ask = await apiAs(server, 'manager');
    const page = await openAs('manager');
    const all = await total(ask, {});
    await expect(count(page)).toHaveText(`${all} conversations`);
    await act(page);
    await expect(page).toHaveURL(address);
    await expect(count(page)).toHaveText(`${await total(ask, filter)} conversations`);
    await page.getByRole('button', { name: `Remove the filter ${chip}` }).click();
    await expect(page.getByRole('group', { name: 'Active filters' })).toBeFocused();
    await page.goBack();
    await expect(page.getByRole('button', { name: `Remove the filter ${chip}` })).toBeVisible();
    await page.getByRole('button', { name: 'Clear all', exact: true }).click();
    await expect(page).toHaveURL(/\/conversations$/);
    await expect(count(page)).toHaveText(`${all} conversations`);
  });
}

test('a period moves with the day', async ({ openAs, server }) => {
  const ask = await apiAs(server, 'manager');
  const page = await openAs('manager', '/conversations?period=week');
  const midnight = new Date();
  midnight.setHours(0, 0, 0, 0);
  const startedFrom = new Date(midnight.getFullYear(), midnight.getMonth(), midnight.getDate() - 6).toISOString();
  await expect(count(page)).toHaveText(`${await total(ask, { startedFrom })} conversations`);
  await expect(page.getByRole('button', { name: 'Remove the filter Last 7 days' })).toBeVisible();
});

test('a shared address opens the same view for somebody else, and nonsense in it does no harm', async ({
  openAs,
  browser,
  server,
  watch,
}) => {
  const address = '/conversations?type=CALL%2CCHAT&reviewable=yes&order=longest&size=50';
  const page = await openAs('manager', address);
  await settled(page);
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(page).toHaveURL(/after=/);
  await settled(page);
  const ids = (other: Page) => rows(other).evaluateAll((all) => all.map((one) => one.getAttribute('data-id')));
  const context = await browser.newContext({ baseURL: server.url });
  const other = await context.newPage();
  watch(other);
  await openIn(other, server, 'analyst', page.url().slice(server.url.length));
  await expect(other.getByRole('checkbox', { name: 'Chat' })).toBeChecked();
  await expect(other.getByLabel('Order')).toHaveValue('longest');
  await expect.poll(() => ids(other)).toEqual(await ids(page));
  await other.goto('/conversations?type=NONSENSE&size=7&order=constructor&from=tomorrow&reviewable=perhaps');
  await expect(count(other)).toHaveText(`${await total(await apiAs(server, 'manager'), {})} conversations`);
  await expect(rows(other)).toHaveCount(25);
  await context.close();
});

test('pages follow one another without a gap, there and back', async ({ openAs }) => {
  const page = await openAs('manager', '/conversations?order=oldest');
  const ids = () => rows(page).evaluateAll((all) => all.map((one) => one.getAttribute('data-id')!));
  await settled(page);
  const first = await ids();
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(rows(page).first()).not.toHaveAttribute('data-id', first[0]!);
  await settled(page);
  const second = await ids();
  await page.getByLabel('Rows per page').selectOption('50');
  await expect(rows(page)).toHaveCount(50);
  expect(await ids()).toEqual([...first, ...second]);
  await page.getByLabel('Rows per page').selectOption('25');
  await expect(rows(page)).toHaveCount(25);
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(rows(page).first()).toHaveAttribute('data-id', second[0]!);
  await page.getByRole('button', { name: 'Previous' }).click();
  await expect(rows(page).first()).toHaveAttribute('data-id', first[0]!);
  await expect(page.getByRole('button', { name: 'Previous' })).toBeFocused();
  await expect(page.getByRole('button', { name: 'Previous' })).toHaveAttribute('aria-disabled', 'true');
});

test('the columns order the table', async ({ openAs }) => {
  const page = await openAs('manager');
  await grid(page).getByRole('button', { name: 'Duration' }).click();
  await expect(page).toHaveURL(/order=longest/);
  await expect(grid(page).getByRole('columnheader', { name: 'Duration' })).toHaveAttribute('aria-sort', 'descending');
  await settled(page);
  const seconds = await rows(page)
    .locator('time[datetime^=PT]')
    .evaluateAll((all) => all.map((time) => Number(/\d+/.exec(time.getAttribute('datetime')!)![0])));
  expect(seconds).toEqual([...seconds].sort((a, b) => b - a));
});

test('on 360 pixels rows are cards, and filters open at a button', async ({ openAs }) => {
  test.slow(); // axe takes its time with a table
  const page = await openAs('manager');
  await page.setViewportSize({ width: 360, height: 740 });
  await expect(rows(page).first()).toHaveCSS('display', 'block');
  await expectNoSideScroll(page);
  await rows(page).first().getByRole('checkbox').click();
  await expect(page.getByRole('textbox', { name: 'Phone number' })).toBeHidden();
  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByLabel('Reviewable', { exact: true }).selectOption('Yes');
  await expect(page).toHaveURL(/reviewable=yes/);
  await expectNoSideScroll(page);
  await expectAccessible(page);
});
