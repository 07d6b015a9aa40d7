/** What of the audit log can be taken away. */
import type { Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { ask } from './api';
import { events, onRecord, pick, yearOf } from './audit';
import { parseCsv } from './csv';
import { expect, expectAccessible, test } from './fixtures';
import type { Server } from './server';

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
  expect(text).not.toMatch(/HYPERLINK|über/); // what somebody wrote is not in the log
  const mine = records.find(({ details }) => details?.includes(`"protectedUntil":"${yearOf(34)}`))!;
  expect(mine.details).toContain('"reason":"LEGAL_CLAIM"');
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
  const { auditEvents } = await ask<Listed>(server, 'analyst', query, { after });
  const { nodes, pageInfo } = auditEvents;
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
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('No file was saved');
  await expectAccessible(page);
  await page.unroute('**/graphql');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('dialog').getByRole('button', { name: 'Try again' }).click(),
  ]);
  expect(parseCsv((await readFile(await download.path(), 'utf8')).slice(1)).length).toBeGreaterThan(300);
  await expect(page.getByRole('dialog')).toHaveCount(0);
});
