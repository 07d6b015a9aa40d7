/**
 * Recordings in the browser's own player, without the console around it: from the server and by redirect from the file store they play, are sought in by ranges, and are gone
 * when the Delete tool has been there.
 */
import type { Page } from '@playwright/test';
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BASIC, deleteMedia, post, tokenOf } from './api';
import { find, importVcon, recording, vconOf } from './conversationDeeds';
import { expect, test } from './fixtures';
import { startS3, type S3 } from './s3';
import type { Server } from './server';
import { keptToken, test as serving } from './serving';

type Element = 'audio' | 'video';
const ELEMENTS: Element[] = ['audio', 'video'];

/** Far longer than what a browser fetches ahead. */
const MINUTES = 20;

/** What the browser itself says in its console of an answer that is an error. */
const refused = /Failed to load resource/;

/** stage opens a page with nothing but a player, at the server's own origin, and from its own address: a browser asks leave before other pages get at a store on this machine. */
async function stage(page: Page, server: Server, element: Element): Promise<void> {
  await page.goto(`${server.url}/healthz`);
  await page.evaluate((name) => {
    const media = document.createElement(name);
    media.muted = media.controls = true;
    document.body.replaceChildren(media);
  }, element);
}

/** play begins to play a link; what comes of it is seen at the player. */
const play = (page: Page, link: string) =>
  page.locator('audio, video').evaluate((media: HTMLMediaElement, src) => {
    media.src = src;
    media.play().catch(() => undefined);
  }, link);

const seek = (page: Page, seconds: number) =>
  page.locator('audio, video').evaluate((media: HTMLMediaElement, to) => void (media.currentTime = to), seconds);

const read = <Value>(page: Page, what: (media: HTMLMediaElement) => Value) =>
  expect.poll(() => page.locator('audio, video').evaluate(what), { timeout: 20_000 });

const place = (page: Page) => read(page, (media) => (media.seeking ? -1 : media.currentTime));
const failure = (page: Page) => read(page, (media) => media.error?.code);

/** A player that plays, seeks, and has the file deleted meanwhile. */
async function checkPlayer(page: Page, server: Server, element: Element, link: string, remove: () => Promise<void>, redirected: boolean) {
  const ranges: string[] = [];
  page.on('request', (request) => void ranges.push(request.headers().range ?? ''));
  await stage(page, server, element);
  await play(page, link);
  await place(page).toBeGreaterThan(0.2);
  await read(page, (media) => Math.round(media.duration)).toBe(60 * MINUTES);
  await seek(page, 800);
  await place(page).toBeGreaterThan(800.2);
  await remove();
  if (!redirected) {
    // Otherwise the browser goes on asking the store, and takes half a minute to give up.
    expect(ranges.filter((range) => range.startsWith('bytes=') && range !== 'bytes=0-')).not.toEqual([]);
    await seek(page, 400); // where it has nothing yet
    await failure(page).toBe(2); // MEDIA_ERR_NETWORK
  }
  await expectGone(page, server, element, link);
}

/** expectGone opens the page again, since a page may keep what it has played. */
async function expectGone(page: Page, server: Server, element: Element, link: string): Promise<void> {
  await stage(page, server, element);
  await play(page, link);
  await failure(page).toBe(4); // MEDIA_ERR_SRC_NOT_SUPPORTED: nothing to play came
  expect(await page.evaluate(async (address) => (await fetch(address)).status, link)).toBe(410);
}

interface Recorded {
  media: { kind: 'CALL' | 'SCREEN'; durationSeconds: number; playbackUrl: string }[];
}

const MEDIA = 'media { kind durationSeconds playbackUrl }';

/** linksOf asks for the recordings of a conversation. */
async function linksOf(server: Server, token: string, id: string): Promise<Recorded['media']> {
  const query = `query ($id: ID!) { node(id: $id) { ... on Conversation { ${MEDIA} } } }`;
  return (await post<{ node: Recorded }>(server, token, query, { id })).data.node.media;
}

/** plan has the recordings of a conversation planned for deletion. */
async function plan(server: Server, token: string, id: string): Promise<void> {
  const settings = await post<{ complianceSettings: { version: number } }>(server, token, '{ complianceSettings { version } }');
  const input = { baseVersion: settings.data.complianceSettings.version, basicData: { ...BASIC, mediaFiles: true } };
  const save = 'mutation ($input: SaveComplianceSettingsInput!) { saveComplianceSettings(input: $input) { userErrors { message } } }';
  expect((await post(server, token, save, { input })).data).toEqual({ saveComplianceSettings: { userErrors: [] } });
  const anonymize = 'mutation ($ids: [ID!]!) { anonymizeConversations(input: { conversationIds: $ids }) { userErrors { message } } }';
  expect((await post(server, token, anonymize, { ids: [id] })).data).toEqual({ anonymizeConversations: { userErrors: [] } });
}

for (const element of ELEMENTS)
  test(`${element} from the server`, async ({ page, server, allowTrouble }) => {
    test.slow();
    allowTrouble(refused);
    const id = await importVcon(server, vconOf({ dialog: [recording(MINUTES)] }));
    const token = await tokenOf(server, 'manager');
    const [file] = await linksOf(server, token, id);
    const remove = async () => {
      await plan(server, token, id);
      await deleteMedia(server);
    };
    await checkPlayer(page, server, element, file!.playbackUrl, remove, false);
  });

for (const [element, kind] of [
  ['audio', 'CALL'],
  ['video', 'SCREEN'],
] as const)
  test(`the demo's recordings: ${element}`, async ({ page, server, allowTrouble }) => {
    allowTrouble(refused);
    const startedTo = new Date().toISOString(); // what other tests import began long after the demo's conversations
    const filter = { types: ['SCREEN_RECORDING'], mediaStatuses: ['AVAILABLE'], isAnonymized: false, startedTo };
    const { id, media } = await find<Recorded>(server, MEDIA, filter, (one) => one.media.every((file) => file.durationSeconds > 90));
    const { durationSeconds, playbackUrl } = media.find((file) => file.kind === kind)!;
    await stage(page, server, element);
    await play(page, playbackUrl);
    await place(page).toBeGreaterThan(0.2);
    await read(page, (player) => Math.round(player.duration)).toBe(Math.round(durationSeconds));
    await seek(page, durationSeconds - 40);
    await place(page).toBeGreaterThan(durationSeconds - 39.8);
    if (element === 'video') await read(page, (player) => (player as HTMLVideoElement).videoWidth).toBeGreaterThan(0);
    await plan(server, await tokenOf(server, 'manager'), id);
    await deleteMedia(server);
    await expectGone(page, server, element, playbackUrl);
  });

test('a link that is opened by itself', async ({ page, server }) => {
  const id = await importVcon(server, vconOf({ dialog: [recording(0.5)] }));
  const [file] = await linksOf(server, await tokenOf(server, 'manager'), id);
  await page.goto(file!.playbackUrl);
  await read(page, (media) => media.duration).toBe(30);
  await read(page, (media) => media.readyState).toBe(4);
});

const redirecting = serving.extend<{ store: S3 }>({
  // eslint-disable-next-line no-empty-pattern
  store: async ({}, use) => {
    const store = await startS3();
    await use(store);
    await store.stop();
  },
  environment: async ({ store }, use) => use(store.environment),
  flags: ['--playback-redirect'],
});

for (const element of ELEMENTS)
  redirecting(`${element} by redirect from the file store`, async ({ openSignedIn, page, served, store, watch, allowTrouble }) => {
    redirecting.slow();
    allowTrouble(refused);
    const run = (...command: string[]) =>
      promisify(execFile)(process.env.QM_BINARY!, [...command, '--data', served.data], { env: { ...process.env, ...store.environment } });
    const file = join(served.data, 'call.vcon');
    writeFileSync(file, JSON.stringify(vconOf({ dialog: [recording(MINUTES)] })));
    await run('import', file);
    watch(await openSignedIn('/conversations'), store.url);
    const token = await keptToken(page);
    const list = await post<{ conversations: { nodes: ({ id: string } & Recorded)[] } }>(
      served,
      token,
      `{ conversations(first: 1) { nodes { id ${MEDIA} } } }`,
    );
    const { id, media } = list.data.conversations.nodes[0]!;
    const stored: string[] = [];
    page.on('request', (request) => void (request.url().startsWith(store.url) && stored.push(request.url())));
    const remove = async () => {
      expect(stored).not.toEqual([]);
      await plan(served, token, id);
      await run('delete-media');
    };
    await checkPlayer(page, served, element, media[0]!.playbackUrl, remove, true);
  });
