/**
 * After anonymizing, no old value is left in the browser: not on the page, not in the address or the history, not in any storage, and not in the memory of the
 * page's programs, which a snapshot of their heap shows to the last text.
 */
import type { Page } from '@playwright/test';
import { apiAs, pick, saveSettings, type Picked } from './api';
import { ask, confirm, dialog, row, settled } from './explorer';
import { expect, test } from './fixtures';

/** visible is all that a program could read: the document with what is typed, the address, the history's state, and every storage. */
const visible = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const typed = [...document.querySelectorAll('input, textarea, select')].map((field) => (field as HTMLInputElement).value);
    const databases = await indexedDB.databases();
    const caches = await Promise.all(
      (await window.caches.keys()).map(async (name) => (await (await window.caches.open(name)).keys()).map(({ url }) => url)),
    );
    return JSON.stringify([
      document.documentElement.outerHTML,
      document.title,
      typed,
      decodeURIComponent(location.href),
      history.state,
      { ...localStorage },
      { ...sessionStorage },
      document.cookie,
      databases,
      caches,
      performance.getEntries().map(({ name }) => decodeURIComponent(name)),
    ]);
  });

/** remembered is every text in the heap of the page, after what nothing refers to is gone. */
async function remembered(page: Page): Promise<string> {
  const session = await page.context().newCDPSession(page);
  const parts: string[] = [];
  session.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => parts.push(chunk));
  await session.send('HeapProfiler.enable');
  await session.send('HeapProfiler.collectGarbage');
  await session.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  await session.detach();
  return (JSON.parse(parts.join('')) as { strings: string[] }).strings.join('\n');
}

const valuesOf = (picked: Picked[]): string[] =>
  picked
    .flatMap(({ participants }) => participants.flatMap(({ phoneNumber, digitalAddress }) => [phoneNumber, digitalAddress]))
    .filter((value) => value !== null);

test('list, search and dialog keep nothing of what was removed', async ({ openAs, server }) => {
  test.slow();
  const api = await apiAs(server, 'manager');
  await saveSettings(api);
  const customers = (await pick(api, 60, { types: ['CALL'] })).filter(({ participants }) =>
    participants.some(({ phoneNumber }) => phoneNumber !== null),
  );
  const phone = valuesOf(customers.slice(0, 1)).find((value) => /^\+?\d+$/.test(value))!;
  const page = await openAs('manager', '/conversations?size=100');
  await settled(page);
  await page.getByRole('button', { name: 'Next' }).click(); // answers of other pages are kept as well
  await settled(page);
  await page.getByRole('textbox', { name: 'Phone number' }).fill(phone);
  await page.getByRole('textbox', { name: 'Phone number' }).press('Enter');
  const found = await everything(api, phone);
  await expect(row(page, customers[0]!.id)).toContainText(phone);
  expect(await remembered(page)).toContain(phone); // the snapshot does show what is there
  await ask(
    page,
    found.map(({ id }) => id),
  );
  await confirm(page, found.length);
  await expect(dialog(page).getByRole('status')).toContainText('anonymized');
  const old = valuesOf(found).filter((value) => !value.endsWith('@contact.example')); // agents' addresses stand in other conversations too
  expect(old.length).toBeGreaterThan(0);
  await expect(page.getByText('The search was cleared')).toBeVisible();
  await settled(page);
  await expect.poll(async () => left(await visible(page), old)).toEqual([]);
  await dialog(page).getByRole('button', { name: 'Close' }).last().click();
  await expect(page.locator('[data-id]:focus')).toHaveCount(1);
  await expect.poll(async () => left(await remembered(page), old), { timeout: 60_000 }).toEqual([]);
  await page.goBack();
  await settled(page);
  expect(left(await visible(page), old)).toEqual([]);
});

const left = (text: string, values: string[]): string[] => values.filter((value) => text.includes(value));

/** everything that one phone number leads to, so that nothing but these conversations has it. */
async function everything(api: Awaited<ReturnType<typeof apiAs>>, phone: string): Promise<Picked[]> {
  const query = `query ($filter: ConversationFilter) { conversations(first: 100, filter: $filter) {
    nodes { id types participants { name phoneNumber digitalAddress } metadata { key value } } } }`;
  return (await api<{ conversations: { nodes: Picked[] } }>(query, { filter: { participantPhoneNumber: phone } })).conversations.nodes;
}
