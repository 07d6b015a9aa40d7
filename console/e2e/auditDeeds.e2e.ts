/** Operations of many events: one line of the audit log with true totals, which opens to its events, page by page. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { anonymize, apiAs, ask, pick, saveSettings, tokenOf } from './api';
import { told } from './audit';
import { at } from './conversationDeeds';
import { parseCsv } from './csv';
import { conversationsWithMedia, protect, release } from './deeds';
import { expect, expectAccessible, expectNoSideScroll, openAs as openOn, test } from './fixtures';
import { startDemo, type Server } from './server';

/** Tests that change much have a demo of their own: others look for conversations that are as they were. */
const alone = test.extend<{ own: Server }>({
  own: async ({ page, watch }, use) => {
    const server = await startDemo();
    watch(page, server.url);
    await use(server);
    await page.close(); // before what it asks is gone
    await server.stop();
  },
});

test('conversations that were anonymized together are one line that opens', async ({ openAs, server }) => {
  const analyst = await apiAs(server, 'analyst');
  const version = await saveSettings(analyst, { mediaFiles: true });
  const picked = await pick(analyst, 3, { mediaStatuses: ['AVAILABLE'] });
  await anonymize(
    analyst,
    picked.map(({ id }) => id),
  );
  const page = await openAs('manager', '/audit');
  const line = told(page, 'Marcus Webb anonymized 3 conversations: ').first();
  await expect(line).toContainText(/\d+ media files? planned for deletion\./);
  const opener = line.getByRole('button', { name: /^\d+ events$/ }); // an anonymizing of each, and requests for its media
  await opener.focus();
  await page.keyboard.press('Enter');
  await expect(opener).toHaveAttribute('aria-expanded', 'true');
  await expect(line.getByRole('listitem').nth(2)).toBeVisible();
  await expect(line.getByRole('listitem').first()).toContainText(`under settings version ${version}`);
  await line.getByRole('button', { name: 'Details' }).first().click();
  await expect(line.getByRole('button', { name: 'Only this conversation' })).toBeVisible();
  await expectAccessible(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await expectNoSideScroll(page);
});

interface Totals {
  auditOperations: { nodes: { eventCount: number; totals: { name: string; count: number }[] }[] };
}

alone('100 conversations are one line, told with the totals of all of them', async ({ page, own: server }) => {
  alone.slow(); // it starts a demo
  const analyst = await apiAs(server, 'analyst');
  await saveSettings(analyst, { subjectAndBody: true });
  const picked = await pick(analyst, 100, {});
  await anonymize(
    analyst,
    picked.map(({ id }) => id),
  );
  const query =
    '{ auditOperations(first: 1, filter: { activities: [INTERACTION_ANONYMIZE] }) { nodes { eventCount totals { name count } } } }';
  const [operation] = (await ask<Totals>(server, 'analyst', query)).auditOperations.nodes;
  const count = (wanted: string) => operation!.totals.find(({ name }) => name === wanted)?.count ?? 0;
  const texts = new Intl.NumberFormat('en').format(count('MESSAGES'));
  await openOn(page, server, 'manager', '/audit?activity=INTERACTION_ANONYMIZE');
  const line = told(page, `Marcus Webb anonymized ${count('CONVERSATIONS_ANONYMIZED')} conversations: `).first();
  await expect(line).toContainText(`${texts} texts`);
  await line.getByRole('button', { name: `${operation!.eventCount} events` }).click();
  await expect(line.getByRole('listitem')).toHaveCount(Math.min(50, operation!.eventCount));
});

/** vcons are small conversations, each by itself. */
function vcons(count: number): string[] {
  const started = (at: number) => new Date(Date.UTC(2020, 0, 1, 0, 0, at)).toISOString();
  return Array.from({ length: count }, (_, at) =>
    JSON.stringify({
      vcon: '0.4.0',
      uuid: randomUUID(),
      created_at: started(at),
      parties: [{ name: 'Ada Quill', tel: '+447700900123' }],
      dialog: [{ type: 'text', start: started(at), parties: [0], body: 'hello', mediatype: 'text/plain', encoding: 'none' }],
    }),
  );
}

async function imports(server: Server, documents: string[]): Promise<void> {
  const answer = await fetch(`${server.url}/import`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${await tokenOf(server, 'manager')}` },
    body: documents.join('\n'),
  });
  expect(answer.status, await answer.text()).toBe(200);
}

alone('an import of 10,000 conversations is one line; its events come page by page', async ({ page, own: server }) => {
  alone.slow(); // it imports them
  await imports(server, vcons(10_000));
  await openOn(page, server, 'manager', '/audit?activity=CONVERSATION_IMPORTED');
  const line = told(page, 'Clara Novak imported 10,000 conversations: 10,000 vCons added.');
  await expect(line).toHaveCount(1);
  await line.getByRole('button', { name: '10,000 events' }).click();
  await expect(line.getByRole('listitem')).toHaveCount(50);
  const more = line.getByRole('button', { name: 'Show more events' });
  await more.focus();
  await page.keyboard.press('Enter');
  await expect(line.getByRole('listitem')).toHaveCount(100);
  await expectAccessible(page);
  expect(await page.locator('*').count(), 'elements, far fewer than events').toBeLessThan(4_000);

  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download CSV' }).click()]);
  const rows = parseCsv((await readFile(await download.path(), 'utf8')).slice(1));
  const operations = new Map<string, number>();
  for (const { operation } of rows) operations.set(operation!, (operations.get(operation!) ?? 0) + 1);
  expect([...operations.values()]).toContain(10_000);
  expect(new Set(rows.map(({ event }) => event)).size).toBe(rows.length);
});

test('an import that finds little new says what became of the rest', async ({ openAs, server }) => {
  const [added, ...known] = vcons(4);
  await imports(server, known);
  await imports(server, [...known, added!]);
  const page = await openAs('manager', '/audit?activity=CONVERSATION_IMPORTED');
  const line = told(page, 'Clara Novak imported 1 conversation: 1 vCon added, 3 vCons unchanged.');
  await line.getByRole('button', { name: '1 event' }).click();
  await expect(line.getByRole('listitem')).toContainText('Clara Novak imported a new conversation');
  await expect(line.getByRole('link', { name: 'a new conversation' })).toBeVisible();
});

test('a long history is read page by page', async ({ openAs, server }) => {
  const conversation = (await conversationsWithMedia(server))[45]!;
  for (let year = 2201; year < 2212; year++) await protect(server, 'manager', conversation, '', year);
  await release(server, 'manager', conversation);
  const page = await openAs('manager', at(conversation.id));
  const history = page.getByRole('region', { name: 'History' });
  await expect(history.getByRole('listitem')).toHaveCount(10);
  await expect(history.getByRole('listitem').filter({ hasText: 'Clara Novak released' })).toHaveCount(1);
  await history.getByRole('button', { name: 'Show more events' }).click();
  await expect(history.getByRole('listitem').last()).toContainText('Demo data imported a new conversation');
});

test('a conversation’s page has a time line for those who may read the log', async ({ openAs, server, browser, watch }) => {
  const analyst = await apiAs(server, 'analyst');
  const [picked] = await pick(await apiAs(server, 'agent'), 1, { types: ['CHAT'] });
  await saveSettings(analyst, { subjectAndBody: true });
  const page = await openAs('manager', at(picked!.id));
  const history = page.getByRole('region', { name: 'History' });
  await expect(history.getByRole('listitem').last()).toContainText('Demo data imported a new conversation');
  const anonymized = history.getByRole('listitem').filter({ hasText: 'Marcus Webb anonymized a conversation' });
  await expect(anonymized).toHaveCount(0);
  await anonymize(analyst, [picked!.id]);
  await expect(anonymized).toHaveCount(1);
  await history.getByRole('button', { name: 'Details' }).first().click();
  await expectAccessible(page);

  const context = await browser.newContext({ baseURL: server.url, reducedMotion: 'reduce' });
  const other = await context.newPage();
  watch(other);
  await openOn(other, server, 'agent', at(picked!.id));
  await expect(other.getByRole('region', { name: 'Metadata' })).toBeVisible();
  await expect(other.getByRole('region', { name: 'History' })).toHaveCount(0);
  await context.close();
});
