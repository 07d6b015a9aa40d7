/** The audit log: what is on record, how it is narrowed, and what of it can be taken away. */
import type { Browser, Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { parseCsv } from './csv';
import { ask, conversationsWithMedia, protect, release } from './deeds';
import { expect, expectAccessible, expectNoSideScroll, NAMES, test, type Person } from './fixtures';
import type { Server } from './server';

const events = (page: Page) => page.getByRole('main').getByRole('listitem');
const told = (page: Page, text: string | RegExp) => events(page).filter({ hasText: text });

/** pick chooses an option of one of the filters. */
async function pick(page: Page, label: string, option: string): Promise<void> {
  const box = page.getByRole('combobox', { name: label });
  if ((await box.getAttribute('aria-expanded')) !== 'true') await box.click(); // one that takes several stays open
  await page.getByRole('option', { name: option, exact: true }).click();
}

/** Each test protects the recording of a conversation of its own, and releases it again, under a reason that only it has. */
async function onRecord(server: Server, reason: string, at: number): Promise<void> {
  const conversation = (await conversationsWithMedia(server))[at]!;
  await protect(server, 'manager', conversation, reason);
  await release(server, 'analyst', conversation);
}

test('the log is told in sentences, and leads to the conversations', async ({ openAs, server }) => {
  await onRecord(server, 'told', 30);
  const page = await openAs('analyst', '/audit');
  const sentence = told(page, '“told”');
  await expect(sentence).toContainText(/Clara Novak protected \d media files? of a conversation from deletion without an end: “told”\./);
  await expect(page.getByText(/Times are in \S+/)).toBeVisible();
  await sentence.getByRole('button', { name: 'Details' }).click();
  await expect(sentence).toContainText('demo-manager');
  await expectAccessible(page);
  await sentence.getByRole('link', { name: 'a conversation' }).click();
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('Audit log');
});

test('filters narrow the log, stand in the address, and can be passed on', async ({ openAs, server, browser, watch }) => {
  await onRecord(server, 'filtered', 31);
  const page = await openAs('manager', '/audit');
  await pick(page, 'Activity', 'Media protected');
  await pick(page, 'Activity', 'Media released');
  await page.keyboard.press('Escape');
  await expect(told(page, /imported|anonymized|switched/)).toHaveCount(0);
  await expect(told(page, '“filtered”')).toHaveCount(1);
  await page.getByText('Done', { exact: true }).click();
  await pick(page, 'Time', 'Last 24 hours');
  await expect(page).toHaveURL(/\/audit\?period=24h&activity=MEDIA_PROTECTED&activity=MEDIA_RELEASED&result=SUCCESS$/);
  await expectAccessible(page);

  const other = await opened(browser, server, watch, 'analyst', new URL(page.url()).search);
  await expect(other.getByRole('radio', { name: 'Done', exact: true })).toBeChecked();
  await expect(told(other, '“filtered”')).toHaveCount(1);
  await expect(told(other, /imported|anonymized|switched/)).toHaveCount(0);
  await other.context().close();

  await page.getByText('Not done', { exact: true }).click();
  await expect(page.getByText('Nothing that happened matches these filters')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Clear the filters' }).first().click();
  await expect(page).toHaveURL(/\/audit$/);
  await page.goBack();
  await expect(page.getByText('Nothing that happened matches these filters')).toBeVisible();
});

test('the user is a filter that no address and no storage has', async ({ openAs, server }) => {
  await onRecord(server, 'by whom', 32);
  const page = await openAs('manager', '/audit');
  await told(page, '“by whom”').getByRole('button', { name: 'Details' }).click();
  await told(page, '“by whom”').getByRole('button', { name: 'Only what this user did' }).click();
  await expect(told(page, /The demo|Marcus Webb/)).toHaveCount(0);
  await expect(told(page, 'Clara Novak').first()).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'User' })).toHaveValue('Clara Novak');
  await pick(page, 'User', 'Marcus Webb');
  await expect(told(page, 'Marcus Webb released').first()).toBeVisible();
  await expect(told(page, 'Clara Novak')).toHaveCount(0);
  expect(page.url()).toMatch(/\/audit$/);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, history.state]));
  expect(kept).not.toMatch(/Marcus|demo-analyst/);

  // It is there again when one comes back from a conversation, and not after a reload.
  await events(page).getByRole('link', { name: 'a conversation' }).first().click();
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('Audit log');
  await page.goBack();
  await expect(page.getByRole('combobox', { name: 'User' })).toHaveValue('Marcus Webb');
  await page.reload();
  await expect(page.getByRole('combobox', { name: 'User' })).toHaveValue('');
  await page.getByRole('combobox', { name: 'User' }).fill('nobody-has-this-id');
  await page.getByRole('option', { name: 'The user id nobody-has-this-id' }).click();
  await expect(page.getByText('Nothing that happened matches these filters')).toBeVisible();
});

test('one conversation can be followed', async ({ openAs, server }) => {
  await onRecord(server, 'followed', 33);
  const page = await openAs('manager', '/audit');
  await told(page, '“followed”').getByRole('button', { name: 'Details' }).click();
  await told(page, '“followed”').getByRole('button', { name: 'Only this conversation' }).click();
  await expect(page).toHaveURL(/\/audit\?conversation=\w+$/);
  await expect(events(page).filter({ has: page.getByText(/released|protected|imported/) })).toHaveCount(3);
  await expect(events(page)).toHaveCount(3);
  await page.getByRole('button', { name: 'Show events of all conversations' }).click();
  await expect(events(page).nth(5)).toBeVisible();
  await expect(page).toHaveURL(/\/audit$/);
});

test('a period has two ends, and they are in order', async ({ openAs }) => {
  const page = await openAs('manager', '/audit');
  await pick(page, 'Time', 'From – to');
  await page.getByLabel(/^From/).fill('2020-03-02T10:00');
  await page.getByLabel(/^To/).fill('2020-03-01T10:00');
  await page.keyboard.press('Enter');
  await expect(page.getByText('This has to be later than the beginning.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Download CSV' })).toBeDisabled();
  await expectAccessible(page);
  await page.getByLabel(/^To/).fill('2020-03-03T10:00');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/period=custom&from=2020-03-0\dT.*&to=2020-03-0\dT/);
  await expect(page.getByText('Nothing that happened matches these filters')).toBeVisible();
  await page.getByLabel(/^From/).fill('2020-03-02T11:00');
  await page.getByLabel(/^To/).fill(''); // leaves the other field, and ends nowhere
  await page.keyboard.press('Enter');
  await expect(events(page).first()).toBeVisible();
});

test('what an address has that means nothing is told', async ({ openAs }) => {
  const page = await openAs('manager', '/audit?activity=DANCING');
  await expect(page.getByRole('alert')).toContainText('could not be understood');
  await expect(events(page).first()).toBeVisible();
  await page.goto('/audit?after=x');
  await expect(page.getByRole('alert')).toContainText('The server could not answer that');
  await page.getByRole('button', { name: 'Newest' }).click();
  await expect(events(page).first()).toBeVisible();
});

test('the log is read page by page, forwards and back', async ({ openAs }) => {
  const page = await openAs('manager', '/audit?activity=CONVERSATION_IMPORTED');
  const firstOf = async () => {
    await expect(page.getByRole('main').locator('[aria-busy=true]')).toHaveCount(0);
    return events(page).first().getByRole('link').getAttribute('href');
  };
  await expect(events(page)).toHaveCount(25);
  const first = await firstOf();
  await page.getByRole('button', { name: 'Older' }).click();
  await expect(events(page).first().getByRole('link')).not.toHaveAttribute('href', first!);
  const second = await firstOf();
  await page.getByRole('button', { name: 'Older' }).click();
  await expect(events(page).first().getByRole('link')).not.toHaveAttribute('href', second!);
  await page.getByRole('button', { name: 'Newer' }).click();
  await expect(events(page).first().getByRole('link')).toHaveAttribute('href', second!);
  await page.reload();
  await expect(events(page).first().getByRole('link')).toHaveAttribute('href', second!);
  await page.getByRole('button', { name: 'Newer' }).click();
  await expect(events(page).first().getByRole('link')).toHaveAttribute('href', first!);
  await expect(page.getByRole('button', { name: 'Newest' })).toBeDisabled();
});

test('the download has every event that matches, not only those on view', async ({ openAs, server }) => {
  await onRecord(server, '=HYPERLINK("http://127.0.0.1/?" & A1), "über", \nsecond line', 34);
  const page = await openAs('manager', '/audit');
  const text = await downloaded(page);
  expect(text.startsWith('\uFEFF')).toBe(true);
  const records = parseCsv(text.slice(1));
  const all = await everyEvent(server);
  expect(all.length).toBeGreaterThan(300);
  expect(records.map(({ event }) => event)).toEqual(all);
  const times = records.map(({ time }) => Date.parse(time!));
  expect(times).toEqual(times.toSorted((one, other) => other - one));
  for (const { time } of records) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$/);
  for (const record of records) for (const cell of Object.values(record)) expect(cell).not.toMatch(/^\s*[=+\-@]/);
  const mine = records.find(({ reason }) => reason?.includes('über'))!;
  expect(mine.reason).toBe(`'=HYPERLINK("http://127.0.0.1/?" & A1), "über", \nsecond line`);
  expect(mine['what happened']).toContain('Clara Novak protected');
  expect([mine['user id'], mine.activity, mine.result]).toEqual(['demo-manager', 'MEDIA_PROTECTED', 'SUCCESS']);

  await pick(page, 'Activity', 'Media released');
  await page.keyboard.press('Escape');
  const narrowed = parseCsv((await downloaded(page)).slice(1));
  expect(narrowed.length).toBeGreaterThan(0);
  expect(narrowed.every(({ activity }) => activity === 'MEDIA_RELEASED')).toBe(true);
});

interface Listed {
  auditEvents: { nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
}

/** everyEvent reads the ids of the whole log, past the console. */
async function everyEvent(server: Server, after: string | null = null): Promise<string[]> {
  const query = 'query ($after: Cursor) { auditEvents(first: 90, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }';
  const { data } = await ask<Listed>(server, 'analyst', query, { after });
  const { nodes, pageInfo } = data.auditEvents;
  const ids = nodes.map(({ id }) => id);
  return pageInfo.hasNextPage ? [...ids, ...(await everyEvent(server, pageInfo.endCursor))] : ids;
}

async function downloaded(page: Page): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download CSV' }).click()]);
  expect(download.suggestedFilename()).toMatch(/^audit-log-\d{4}-\d\d-\d\d-to-\d{4}-\d\d-\d\d\.csv$/);
  return readFile(await download.path(), 'utf8');
}

/** hold keeps the second page of a download from coming, until release is called. */
async function hold(page: Page): Promise<{ release: () => void }> {
  let release = () => undefined as void;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/graphql', async (route) => {
    const body = route.request().postData() ?? '';
    if (body.includes('"first":100') && !body.includes('"after":null')) await held;
    await route.fallback();
  });
  return { release };
}

test('a long download tells how far it is, and can be cancelled', async ({ openAs }) => {
  const page = await openAs('manager', '/audit');
  const downloads: unknown[] = [];
  page.on('download', (download) => downloads.push(download));
  const { release } = await hold(page);
  await page.getByRole('button', { name: 'Download CSV' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('100 events read, back to');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Cancel', exact: true }).click();
  await expect(dialog).toHaveCount(0);
  const answered = page.waitForResponse((response) => response.request().postData()?.includes('"first":100') ?? false);
  release();
  await answered;
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(events(page).first()).toBeVisible();
  expect(downloads).toEqual([]);
});

test('a download that breaks off saves nothing, says so, and can be repeated', async ({ openAs, allowTrouble }) => {
  allowTrouble(/ERR_FAILED/);
  const page = await openAs('manager', '/audit');
  await expect(events(page).first()).toBeVisible();
  await page.route('**/graphql', (route) => (route.request().postData()?.includes('"first":100') ? route.abort() : route.fallback()));
  await page.getByRole('button', { name: 'Download CSV' }).click();
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('Nothing was saved');
  await expectAccessible(page);
  await page.unroute('**/graphql');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('dialog').getByRole('button', { name: 'Try again' }).click(),
  ]);
  expect(parseCsv((await readFile(await download.path(), 'utf8')).slice(1)).length).toBeGreaterThan(300);
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('somebody who is refused is on record, and so is somebody unknown', async ({ openAs, server }) => {
  const [, , , conversation] = await conversationsWithMedia(server);
  await protect(server, 'agent', conversation!, 'not mine to say');
  const mutation = 'mutation { releaseMedia(input: { mediaFileIds: [] }) { userErrors { message } } }';
  await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query: mutation }),
  });
  const page = await openAs('manager', '/audit?result=FAILURE');
  await expect(
    told(page, 'Tomas Lind was refused protecting media files for want of the role MANAGE_DATA_LIFECYCLE.').first(),
  ).toContainText('Refused');
  await expect(told(page, 'Somebody who was not signed in was refused releasing media files').first()).toBeVisible();
  await expectAccessible(page);
});

for (const person of ['agent', 'supervisor'] as const) {
  test(`the ${person} gets the page that says what is needed, and asks nothing`, async ({ openAs, page }) => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.postData() ?? ''));
    await openAs(person, '/audit?result=FAILURE');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('You may not see this page');
    await expect(page.getByRole('main')).toContainText('VIEW_AUDIT');
    await expectAccessible(page);
    expect(asked.filter((body) => body.includes('auditEvents'))).toEqual([]);
  });
}

test('what one person does another one is told of, and sees', async ({ openAs, server, page }) => {
  await page.clock.install();
  await openAs('manager', '/audit');
  await expect(events(page).first()).toBeVisible();
  await onRecord(server, 'done meanwhile', 35);
  await page.clock.runFor(30_000);
  await expect(page.getByText('Something has happened since this list was read.')).toBeVisible();
  await expect(told(page, 'done meanwhile')).toHaveCount(0);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Show it' }).click();
  await expect(told(page, 'Clara Novak protected').filter({ hasText: '“done meanwhile”' })).toBeVisible();
  await expect(page.getByText('Something has happened since')).toHaveCount(0);
});

test('an action in one browser is seen in another after a refresh', async ({ openAs, server, browser, watch }) => {
  const page = await openAs('manager', '/audit?activity=MEDIA_PROTECTED');
  await expect(page.getByRole('main').getByText(/Newest first/)).toBeVisible();
  const other = await opened(browser, server, watch, 'analyst', '');
  // The analyst's own browser sends it, with the token that is in its session.
  const conversation = (await conversationsWithMedia(server))[36]!;
  await other.evaluate(
    async (input) => {
      const { accessToken } = (await (await fetch('/demo/token?as=analyst', { method: 'POST' })).json()) as { accessToken: string };
      const query = 'mutation ($input: ProtectMediaInput!) { protectMedia(input: $input) { userErrors { message } } }';
      const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${accessToken}` };
      await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query, variables: { input } }) });
    },
    { mediaFileIds: conversation.media.map(({ id }) => id), reason: 'in another browser' },
  );
  await expect(told(page, 'in another browser')).toHaveCount(0);
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(told(page, 'Marcus Webb protected').filter({ hasText: 'in another browser' })).toBeVisible();
  await release(server, 'analyst', conversation);
  await other.context().close();
});

test('the keyboard alone does it all', async ({ openAs, server }) => {
  await onRecord(server, 'by keyboard', 37);
  const page = await openAs('manager', '/audit');
  await expect(events(page).first()).toBeVisible();
  await page.getByRole('combobox', { name: 'Time' }).focus();
  await arrowTo(page, 'Last 24 hours');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/period=24h$/);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('combobox', { name: 'Activity' })).toBeFocused();
  await arrowTo(page, 'Media protected');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/period=24h&activity=MEDIA_PROTECTED$/);
  await expect(told(page, 'released')).toHaveCount(0);
  const details = told(page, '“by keyboard”').getByRole('button', { name: 'Details' });
  await tabTo(page, details);
  await page.keyboard.press('Space');
  await expect(details).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Only what this user did' })).toBeFocused();
});

/** arrowTo goes down the list of the field that has the focus, round if need be, to an option. */
async function arrowTo(page: Page, name: string): Promise<void> {
  const reached = page.locator('[role=option][data-combobox-selected]');
  for (let step = 0; step < 20; step++) {
    await page.keyboard.press('ArrowDown');
    await expect(reached).toHaveCount(1);
    if ((await reached.textContent()) === name) return;
  }
  await expect(reached).toHaveText(name);
}

async function tabTo(page: Page, target: ReturnType<Page['locator']>): Promise<void> {
  for (let step = 0; step < 80; step++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  await expect(target).toBeFocused();
}

test('it fits a screen of 360 pixels', async ({ openAs, server }) => {
  await ask(server, 'agent', 'mutation { resetComplianceSettings { userErrors { message } } }');
  const page = await openAs('manager', '/audit?activity=ACCESS_DENIED&activity=CONVERSATION_IMPORTED');
  await page.setViewportSize({ width: 360, height: 740 });
  await events(page).first().getByRole('button', { name: 'Details' }).click();
  await expect(page.getByText('Role needed')).toBeVisible();
  await expectNoSideScroll(page);
  await expectAccessible(page);
  await pick(page, 'Time', 'From – to');
  await expectNoSideScroll(page);
});

test('a server that is away, or fails, is told; what was read stays', async ({ openAs, allowTrouble }) => {
  allowTrouble(/ERR_FAILED|WebSocket/);
  const page = await openAs('manager', '/audit');
  await expect(events(page).first()).toBeVisible();
  await page.route(/graphql|healthz/, (route) => route.abort());
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(page.getByRole('alert').first()).toContainText('The server cannot be reached');
  await expectAccessible(page);
  await page.unroute(/graphql|healthz/);
  await page.getByRole('button', { name: 'Try again' }).first().click();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect(events(page).first()).toBeVisible();
});

/** opened is another browser in which somebody has the log open. */
async function opened(browser: Browser, server: Server, watch: (page: Page) => void, person: Person, search: string): Promise<Page> {
  const context = await browser.newContext({ baseURL: server.url, reducedMotion: 'reduce' });
  const page = await context.newPage();
  watch(page);
  await page.goto(`/audit${search}`);
  await page.getByRole('button', { name: NAMES[person] }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Audit log' })).toBeVisible();
  return page;
}
