/** Where one stands in the table: at the beginning of a new page, at the row that was opened, and in another tab. */
import type { Page } from '@playwright/test';
import { row, rows, settled } from './explorer';
import { expect, openAs as openIn, test, type Person } from './fixtures';
import { importVcon, vconOf, whenOf } from './conversationDeeds';
import { expectNoSideScroll } from './fixtures';

const scroller = (page: Page) => page.getByRole('grid').locator('..');

test('a new page is read from its beginning', async ({ openAs }) => {
  const page = await openAs('manager');
  await page.setViewportSize({ width: 1280, height: 600 });
  await settled(page);
  for (const name of ['Next', 'Previous']) {
    const first = await rows(page).first().getAttribute('data-id');
    await scroller(page).evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
    await page.getByRole('button', { name }).scrollIntoViewIfNeeded();
    await page.getByRole('button', { name }).click();
    await expect(rows(page).first()).not.toHaveAttribute('data-id', first!);
    await settled(page);
    await expect.poll(() => scroller(page).evaluate((element) => element.scrollTop)).toBe(0);
    await expect(rows(page).first()).toBeInViewport();
  }
});

test('a row that is opened stays in view', async ({ openAs }) => {
  const page = await openAs('manager');
  await page.setViewportSize({ width: 1920, height: 1080 });
  await settled(page);
  for (const at of [5, 20]) {
    const id = (await rows(page).nth(at).getAttribute('data-id'))!;
    await row(page, id).getByRole('gridcell').nth(3).click();
    await expect(row(page, id)).toHaveAttribute('aria-current', 'true');
    await expect(row(page, id)).toBeInViewport({ ratio: 1 });
    await page.getByRole('button', { name: 'Close the conversation' }).click();
  }
});

test('a row that is opened in another tab is the page of that conversation, and asks nobody to sign in', async ({
  openAs,
  context,
  watch,
}) => {
  const page = await openAs('manager');
  await settled(page);
  const id = await rows(page).nth(2).getAttribute('data-id');
  const opened = context.waitForEvent('page');
  await rows(page)
    .nth(2)
    .getByRole('link')
    .click({ modifiers: ['ControlOrMeta'] });
  const tab = await opened;
  watch(tab);
  await expect(tab).toHaveURL(`/conversations/${id}`);
  await expect(tab.getByRole('heading', { level: 1 })).toHaveText('Conversation');
  await expect(page.getByRole('region', { name: 'Conversation', exact: true })).toHaveCount(0);
  await tab.reload(); // it has it from itself now
  await expect(tab.getByRole('heading', { level: 1 })).toHaveText('Conversation');
  await tab.getByRole('button', { name: /^Signed in as/ }).click();
  await tab.getByRole('button', { name: 'Sign out' }).click();
  await page.reload(); // one tab leaves; the other stays
  await expect(rows(page).first()).toBeVisible();
});

test('who signs in in a tab that nobody shares with is asked', async ({ openAs, browser, server, watch }) => {
  await openAs('manager');
  const stranger = await (await browser.newContext({ baseURL: server.url })).newPage();
  watch(stranger);
  await stranger.goto('/conversations');
  await expect(stranger.getByRole('heading', { level: 1 })).toHaveText('Sign in to qm-compliance');
  await openIn(stranger, server, 'agent' satisfies Person);
  await stranger.context().close();
});

const LONG = 'Wolfeschlegelsteinhausenbergerdorff'.repeat(8);

test('one long word in a name, a key or a subject breaks neither table nor conversation', async ({ openAs, server }) => {
  const start = whenOf();
  const parties = [
    { name: LONG, mailto: `${LONG.slice(0, 60)}@contact.example`, role: 'customer' },
    { name: LONG, tel: '+447700900987', role: 'agent' },
  ];
  const text = (body: string, from: number) => ({ type: 'text', start, parties: [from], mediatype: 'text/plain', body, encoding: 'none' });
  const attachments = [{ type: `routing.${LONG}`, start, party: 0, body: LONG, encoding: 'none' }];
  const id = await importVcon(server, vconOf({ parties, subject: LONG, dialog: [text(LONG, 0), text('yes', 1)], attachments }));
  const page = await openAs('manager', '/conversations?type=CHAT');
  await expect(row(page, id)).toBeVisible();
  expect((await row(page, id).boundingBox())!.height).toBeLessThan(190);
  for (const width of [1440, 800, 360]) {
    await page.setViewportSize({ width, height: 800 });
    await expectNoSideScroll(page);
  }
  await page.goto(`/conversations/${id}`);
  await expect(page.getByText('yes', { exact: true })).toBeVisible();
  for (const width of [360, 800, 1440]) {
    await page.setViewportSize({ width, height: 800 });
    await expectNoSideScroll(page);
  }
});

test('an error below one field of the search moves no field', async ({ openAs }) => {
  const page = await openAs('manager');
  const fields = [
    page.getByRole('textbox', { name: 'Phone number' }),
    page.getByRole('textbox', { name: 'E-mail, IP or chat handle' }),
    page.getByRole('textbox', { name: 'Exact value' }),
    page.getByRole('button', { name: 'Search' }),
  ];
  const tops = () => Promise.all(fields.map(async (field) => Math.round((await field.boundingBox())!.y)));
  await fields[0]!.fill('1');
  await fields[3]!.click();
  await expect(page.getByText('Enter at least 3 digits')).toBeVisible();
  expect(new Set(await tops()).size).toBe(1);
});
