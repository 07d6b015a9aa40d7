/** A conversation's page: what it shows of calls, e-mails and chats, to whom, and what it offers. */
import { readFileSync } from 'node:fs';
import { ask } from './api';
import { at, anonymize, find, importVcon, vconOf, whenOf } from './conversationDeeds';
import { expect, expectAccessible, expectNoSideScroll, test } from './fixtures';

test('a recorded call: what it was, who said what, its sound beside its screen', async ({ openAs, server }) => {
  interface Node {
    direction: string;
    segments: { messages: { nodes: { kind: string }[] } }[];
  }
  const { id } = await find<Node>(
    server,
    'direction segments { messages { nodes { kind } } }',
    { types: ['SCREEN_RECORDING'], isAnonymized: false },
    ({ direction, segments }) => direction === 'INBOUND' && segments[0]!.messages.nodes.some(({ kind }) => kind === 'TRANSCRIPT'),
  );
  const page = await openAs('manager', at(id));
  const main = page.getByRole('main');
  await expect(main).toContainText('Inbound');
  await expect(main.getByText('Reviewable', { exact: true })).toBeVisible();
  const call = page.getByRole('region', { name: 'Call' });
  await expect(call).toContainText('Reviewable. The conversation was never anonymized.');
  await expect(call.getByRole('heading', { name: 'Transcript', exact: true })).toBeVisible();
  const between = async () => {
    const [sound, screen] = [await call.locator('audio').boundingBox(), await call.locator('video').boundingBox()];
    return screen!.x - (sound!.x + sound!.width);
  };
  await expect.poll(between).toBeGreaterThan(-1);
  await expect(page.getByRole('region', { name: 'Metadata' })).toContainText('correlation key');
  await expect(page.getByRole('region', { name: 'Imported from' })).toContainText(/vCon [0-9a-f-]{36}/);
  await expectAccessible(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await expectNoSideScroll(page);
  await expectAccessible(page);
});

test('an e-mail is one: sender, subject, attachments, what it quotes folded, a long one too', async ({ openAs, server }) => {
  interface Node {
    segments: { attachmentCount: number; subject: string; messages?: { nodes: { text: string }[] } }[];
  }
  const fields = 'segments { ... on EmailSegment { attachmentCount subject messages { nodes { text } } } }';
  const filter = { types: ['EMAIL'], isAnonymized: false };
  const quoting = await find<Node>(server, fields, filter, ({ segments }) =>
    segments.some((s) => s.attachmentCount === 1 && s.subject && s.messages!.nodes.some(({ text }) => text.includes('\n> '))),
  );
  const page = await openAs('manager', at(quoting.id));
  const thread = page.getByRole('region', { name: 'E-mail' });
  await expect(thread).toContainText(`Subject: ${quoting.segments.find(({ subject }) => subject)!.subject}`);
  await expect(thread).toContainText('1 attachment, not stored');
  await expect(thread).toContainText(/@example\.(com|org|net) Customer/);
  await expect(thread).not.toContainText('> ');
  await thread.getByRole('button', { name: 'Show quoted text' }).first().click();
  await expect(thread).toContainText('> ');
  await expectAccessible(page);
  const long = await find<Node>(server, fields, filter, ({ segments }) =>
    segments.some((s) => s.messages && s.messages.nodes[0]!.text.length > 20_000),
  );
  await page.goto(at(long.id));
  const text = long.segments[0]!.messages!.nodes[0]!.text;
  const end = text.trimEnd().slice(-40).trim();
  await expect(page.getByRole('button', { name: /Show all [\d,]+ characters/ })).toHaveAttribute('aria-expanded', 'false');
  await expect(page.getByRole('main')).not.toContainText(end);
  await page.getByRole('button', { name: /Show all/ }).click();
  await expect(page.getByRole('main')).toContainText(end);
});

test('what was removed is set apart, in every place, and what only reads like it is not', async ({ openAs, server }) => {
  interface Node {
    segments: { messages: { nodes: { text: string }[] } }[];
  }
  const typed = await find<Node>(
    server,
    'segments { messages { nodes { text } } }',
    { types: ['CHAT'], isAnonymized: false },
    ({ segments }) => segments.some(({ messages }) => messages.nodes.some(({ text }) => text === '[anonymized]')),
  );
  const page = await openAs('manager', at(typed.id));
  await expect(page.getByRole('listitem').getByText('[anonymized]', { exact: true })).toBeVisible();
  await expect(page.getByTitle(/Personal data was removed/)).toHaveCount(0);

  const ours = { type: 'text', start: whenOf(), mediatype: 'text/plain', encoding: 'none' };
  const id = await importVcon(
    server,
    vconOf({
      subject: 'Room of secrets',
      dialog: [
        { ...ours, parties: [0], originator: 0, body: 'hello from Quentin' },
        { ...ours, parties: [1], originator: 1, body: 'good morning' },
      ],
    }),
  );
  await page.goto(at(id));
  await expect(page.getByText('hello from Quentin')).toBeVisible();
  const bubbles = page.getByRole('region', { name: 'Chat' }).getByRole('listitem');
  const [customer, agent] = [await bubbles.nth(0).boundingBox(), await bubbles.nth(1).boundingBox()];
  expect(agent!.x).toBeGreaterThan(customer!.x);
  await anonymize(server, id, { subjectAndBody: true });
  const removed = page.getByTitle(/Personal data was removed/);
  await expect(page.getByRole('region', { name: 'Chat' }).getByTitle(/Personal data was removed/)).toContainText([
    '[anonconversationcontent]',
  ]);
  await expect(page.getByRole('region', { name: 'Participants' }).getByTitle(/Personal data was removed/)).toHaveText([
    '[anonphonenumber]',
    '[anondigitaladdress]',
  ]);
  await expect.poll(() => removed.count()).toBeGreaterThanOrEqual(4);
  const anonymized = page.getByRole('region', { name: 'Anonymized' });
  await expect(anonymized).toContainText(/under version \d+ of the settings/);
  await expect(anonymized.getByRole('listitem')).toContainText(['Phone numbers of participants', 'Subject and body']);
  await expect(page.getByRole('region', { name: 'Chat' })).toContainText(
    'Not reviewable. Its content was removed or is planned for deletion.',
  );
  await expectAccessible(page);
});

test('nothing of what customers write becomes a part of the page', async ({ openAs, server }) => {
  const body = '<img src=x onerror="document.title=1"><script>document.title=2</script><b>bold</b>';
  const text = { type: 'text', start: whenOf(), parties: [0], originator: 0, mediatype: 'text/plain', encoding: 'none', body };
  const id = await importVcon(server, vconOf({ dialog: [text] }));
  const page = await openAs('manager', at(id));
  await expect(page.getByText(body)).toBeVisible();
  await expect(page.getByRole('main').locator('b, img, script')).toHaveCount(0);
});

test('a conversation that there is not, or not for the viewer, is said so in the same words', async ({ openAs, server }) => {
  const others = await find<{ participants: { name: string }[] }>(server, 'participants { name }', {}, ({ participants }) =>
    participants.every(({ name }) => name !== 'Tomas Lind'),
  );
  const page = await openAs('agent', at(others.id));
  for (const path of [at(others.id), at('Q29udmVyc2F0aW9uOjk5OTk5OTk'), '/conversations/nonsense']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Conversation not found');
    await expect(page.getByRole('main')).toContainText('or you do not have access to it');
  }
  await expectAccessible(page);
  await page.getByRole('main').getByRole('link', { name: 'conversations' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Conversations');
});

test('each is offered what the roles allow', async ({ page, openAs, server }) => {
  const { conversations } = await ask<{ conversations: { nodes: { id: string }[] } }>(
    server,
    'agent',
    '{ conversations(first: 1, filter: { types: [CALL], mediaStatuses: [AVAILABLE] }) { nodes { id } } }',
  );
  const path = at(conversations.nodes[0]!.id);
  const offered = { manager: [1, 1, 1], analyst: [0, 1, 1], agent: [0, 0, 0] } as const;
  for (const [person, counts] of Object.entries(offered)) {
    await page.context().clearCookies();
    await page.goto('/');
    await page.evaluate(() => sessionStorage.clear());
    await openAs(person as keyof typeof offered, path);
    await expect(page.getByRole('region', { name: 'Participants' })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Export as vCon…' })).toHaveCount(counts[0]);
    await expect(page.getByRole('button', { name: 'Anonymize…' })).toHaveCount(counts[1]);
    await expect(page.getByRole('button', { name: /^Protect call recording/ })).toHaveCount(counts[2]);
  }
});

test('it is exported as vCon, with or without recordings', async ({ openAs, server }) => {
  const { id, vcons } = await find<{ vcons: string[] }>(
    server,
    'vcons',
    { types: ['CALL'], mediaStatuses: ['AVAILABLE'], isAnonymized: false },
    (node) => node.vcons.length === 1, // a merged one is exported under a uuid of its own
  );
  const page = await openAs('manager', at(id));
  for (const recordings of [false, true]) {
    await page.getByRole('button', { name: 'Export as vCon…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Export as vCon' });
    await dialog.getByLabel('Include recordings').setChecked(recordings);
    await expectAccessible(page);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('button', { name: 'Export', exact: true }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`${vcons[0]}.vcon.json`);
    const vcon = JSON.parse(readFileSync(await download.path(), 'utf8')) as { uuid: string; dialog: { body?: string }[] };
    expect(vcon.uuid).toBe(vcons[0]);
    expect(vcon.dialog.some((dialog) => (dialog.body ?? '').length > 1000)).toBe(recordings);
    await expect(dialog).toBeHidden();
  }
});

test('an export that fails says so', async ({ openAs, server, page }) => {
  const { id } = await find(server, '', { types: ['CHAT'] }, () => true);
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes('ExportConversation')) return route.fallback();
    await route.fulfill({ json: { data: null, errors: [{ message: 'too large', extensions: { code: 'INVALID' } }] } });
  });
  await openAs('manager', at(id));
  await page.getByRole('button', { name: 'Export as vCon…' }).click();
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('Too large');
  await expectAccessible(page);
});

test('the address of a conversation that joined another one leads there', async ({ openAs, server }) => {
  const key = 'merge.test';
  const withKey = (value: string, body: string) =>
    vconOf({
      dialog: [{ type: 'text', start: whenOf(), parties: [0], originator: 0, mediatype: 'text/plain', encoding: 'none', body }],
      attachments: [{ type: 'merge', purpose: 'merge', encoding: 'json', body: { test: value } }],
    });
  const [first, second] = [withKey('1', 'the first part'), withKey('2', 'the second part')];
  const kept = await importVcon(server, first);
  const joined = await importVcon(server, second);
  const keys = await ask<{ metadataKeys: { key: string }[] }>(server, 'manager', '{ metadataKeys { key } }');
  const name = keys.metadataKeys.find(({ key: known }) => known.startsWith('merge'))?.key ?? key;
  await ask(
    server,
    'manager',
    'mutation ($key: String!) { configureMetadataKey(input: { key: $key, isCorrelationKey: true }) { userErrors { message } } }',
    { key: name },
  );
  const page = await openAs('manager', at(joined));
  await expect(page.getByText('the second part')).toBeVisible();
  await importVcon(server, { ...second, attachments: first.attachments });
  await expect(page).toHaveURL(new RegExp(`${at(kept)}$`)); // while it is open
  await expect(page.getByText('the first part')).toBeVisible();
  await page.goto(at(joined)); // and afterwards
  await expect(page).toHaveURL(new RegExp(`${at(kept)}$`));
  await expect(page.getByRole('region', { name: 'Merged from' })).toContainText(second.uuid);
  await expect(page.getByRole('region', { name: '2. Chat' })).toBeVisible();
  await expectAccessible(page);
});

test('a long chat comes by pages, by keyboard too, and nothing stays of what is removed meanwhile', async ({ openAs, server }) => {
  const dialog = Array.from({ length: 260 }, (_, at) => ({
    type: 'text',
    start: whenOf(),
    mediatype: 'text/plain',
    encoding: 'none',
    parties: [at % 2],
    originator: at % 2,
    body: `word number ${at + 1}.`,
  }));
  const id = await importVcon(server, vconOf({ dialog }));
  const page = await openAs('manager', at(id));
  const chat = page.getByRole('region', { name: 'Chat' });
  await expect(chat.getByRole('listitem')).toHaveCount(50);
  await expect(chat).toContainText('50 of 260 messages are shown');
  await expectAccessible(page);
  const more = chat.getByRole('button', { name: 'Show more messages' });
  await more.focus();
  await page.keyboard.press('Enter');
  await expect(chat.getByRole('listitem')).toHaveCount(150);
  await expect(chat.getByRole('listitem').filter({ hasText: 'word number 51.' })).toBeFocused();
  await more.click();
  await expect(chat.getByRole('listitem')).toHaveCount(250);
  await more.click();
  await expect(chat.getByRole('listitem')).toHaveCount(260);
  await expect(more).toHaveCount(0);
  for (const number of [1, 150, 260]) await expect(chat.getByText(`word number ${number}.`)).toHaveCount(1);
  await expectAccessible(page);

  await anonymize(server, id, { subjectAndBody: true });
  await expect(chat.getByText('word number')).toHaveCount(0);
  await expect(chat.getByRole('listitem')).toHaveCount(50);
  await more.click();
  await expect(chat.getByRole('listitem')).toHaveCount(150);
  await expect(chat.getByText('word number')).toHaveCount(0);
});
