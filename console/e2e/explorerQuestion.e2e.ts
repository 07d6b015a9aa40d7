/** What the Conversation Explorer shows belongs to the question on the screen: also where the answer fails, is late, or the question changes under a dialog. */
import type { Page, Route } from '@playwright/test';
import { apiAs, pick, total } from './api';
import { ask, dialog, grid, rows, settled } from './explorer';
import { expect, test } from './fixtures';

/** What another question can be, each with a button or field that asks it. */
const OTHERS: { name: string; act: (page: Page) => Promise<unknown>; samePeople?: true }[] = [
  { name: 'filter', act: (page) => page.getByRole('group', { name: 'Type' }).getByText('E-mail').click() },
  { name: 'order', act: (page) => page.getByLabel('Order').selectOption('Longest first'), samePeople: true },
  { name: 'page', act: (page) => page.getByRole('button', { name: 'Next' }).click(), samePeople: true },
  { name: 'size', act: (page) => page.getByLabel('Rows per page').selectOption('50'), samePeople: true },
];

const answers = (route: Route) => route.request().postData()?.includes('query Conversation') ?? false;

test('a question that fails leaves nothing of the one before to be selected or anonymized', async ({ openAs, allowTrouble }) => {
  test.slow();
  allowTrouble(/500/);
  const page = await openAs('manager');
  for (const { name, act, samePeople } of OTHERS) {
    await page.goto('/conversations');
    await settled(page);
    await rows(page).first().getByRole('checkbox').click();
    await page.route('**/graphql', (route) => (answers(route) ? route.fulfill({ status: 500, body: 'no' }) : route.fallback()));
    await act(page);
    await expect(page.getByRole('alert'), name).toContainText('This could not be loaded');
    await expect(rows(page), name).toHaveCount(0);
    await expect(page.getByRole('checkbox', { name: 'Select all on this page' }), name).toHaveCount(0);
    await expect(page.getByRole('region', { name: 'Selected conversations' }), name).toHaveCount(samePeople ? 1 : 0);
    await expect(page.getByText('Counting…'), name).toHaveCount(0);
    await page.unroute('**/graphql');
  }
});

test('while the answer is on its way nothing of the one before is there, and the focus stays', async ({ openAs, server }) => {
  const page = await openAs('manager');
  await settled(page);
  const before = await total(await apiAs(server, 'manager'), {});
  await expect(page.getByText(`${before} conversations`)).toBeVisible();
  const held: Route[] = [];
  await page.route('**/graphql', (route) => void (answers(route) ? held.push(route) : route.fallback()));
  const sort = grid(page).getByRole('button', { name: 'Duration' });
  await sort.focus();
  await page.keyboard.press('Enter');
  await expect(rows(page)).toHaveCount(0);
  await expect(sort).toBeFocused();
  await page.getByLabel('Reviewable', { exact: true }).selectOption('Yes');
  await expect(page.getByText(`${before} conversations`)).toHaveCount(0);
  await page.unroute('**/graphql');
  await Promise.all(held.map((route) => route.continue().catch(() => undefined)));
  await expect(rows(page)).toHaveCount(25);
});

test('a dialog goes with the question that it is about, and does not come back with it', async ({ openAs, server }) => {
  const [one] = await pick(await apiAs(server, 'manager'), 1, { types: ['CHAT'] });
  const page = await openAs('manager', '/conversations');
  await settled(page);
  await page.getByRole('group', { name: 'Type' }).getByText('Chat').click();
  await expect(page).toHaveURL(/type=CHAT/);
  await expect(page.getByRole('button', { name: 'Remove the filter Chat' })).toBeVisible(); // the address is there before the table is asked for
  await settled(page);
  await ask(page, [one!.id]);
  await page.goBack();
  await expect(dialog(page)).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Selected conversations' })).toHaveCount(0);
  await page.goForward();
  await settled(page);
  await expect(dialog(page)).toHaveCount(0);
  await expect(page.getByRole('region', { name: 'Selected conversations' })).toHaveCount(0);
});

for (const cursor of ['nonsense', 'MSBERCAwIDA']) {
  test(`an address with the cursor ${cursor}, which the server does not take, shows the first page`, async ({ openAs }) => {
    const page = await openAs('manager', `/conversations?type=CHAT&after=${cursor}`);
    await expect(rows(page).first()).toBeVisible();
    await expect(page).toHaveURL('/conversations?type=CHAT');
    await expect(page.getByRole('alert')).toHaveCount(0);
    await page.goto(`/audit?after=${cursor}`);
    await expect(page.getByRole('main').getByRole('listitem').first()).toBeVisible();
    await expect(page).toHaveURL('/audit');
  });
}
