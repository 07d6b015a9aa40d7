/** Recordings in a real browser: they play, seek, outlive their links, and say what is wrong where they do not play. */
import type { Locator, Page } from '@playwright/test';
import { deleteMedia } from './api';
import { anonymize, at, find, importVcon, recording, vconOf } from './conversationDeeds';
import { expect, expectAccessible, poll, test, tryAgain } from './fixtures';

/** play presses play, without sound. */
const play = (media: Locator) =>
  media.evaluate((element: HTMLMediaElement) => {
    element.muted = true;
    return element.play();
  });
const seek = (media: Locator, seconds: number) =>
  media.evaluate((element: HTMLMediaElement, to) => void (element.currentTime = to), seconds);
const place = (media: Locator) => media.evaluate((element: HTMLMediaElement) => (element.seeking ? -1 : element.currentTime));
const paused = (media: Locator) => media.evaluate((element: HTMLMediaElement) => element.paused);

/** What the browser itself says in its console of an answer that is an error. */
const refused = /Failed to load resource/;

test("the demo's sound and screen play and seek, and begin only when they are told to", async ({ openAs, server }) => {
  const { id } = await find(server, '', { types: ['SCREEN_RECORDING'], mediaStatuses: ['AVAILABLE'] }, () => true);
  const page = await openAs('manager', at(id));
  for (const kind of ['audio', 'video']) {
    const media = page.locator(kind);
    await poll(() => media.evaluate((element: HTMLMediaElement) => element.readyState)).toBeGreaterThan(0);
    expect(await media.evaluate((element: HTMLMediaElement) => [element.paused, element.autoplay, element.controls])).toEqual([
      true,
      false,
      true,
    ]);
  }
  for (const kind of ['audio', 'video']) {
    const media = page.locator(kind);
    await play(media);
    await poll(() => place(media)).toBeGreaterThan(0.2);
    await seek(media, 60);
    await poll(() => place(media)).toBeGreaterThan(60.2);
  }
});

/** A call with a sound that is far longer than what a browser fetches ahead. */
async function openLong(openAs: (person: 'manager', path: string) => Promise<Page>, id: string): Promise<{ page: Page; audio: Locator }> {
  const page = await openAs('manager', at(id));
  const audio = page.locator('audio');
  await play(audio);
  await poll(() => place(audio)).toBeGreaterThan(0.1);
  return { page, audio };
}

const longCall = (server: Parameters<typeof importVcon>[0]) => importVcon(server, vconOf({ dialog: [recording(20)] }));

/** expireLinks lets every link that was handed out so far answer as an expired one does, and counts what is asked for. */
async function expireLinks(page: Page, which: 'so far' | 'always'): Promise<{ newLinks: number }> {
  const counted = { newLinks: 0 };
  const old = await page.locator('audio').evaluate((element: HTMLMediaElement) => element.src);
  await page.route('**/media/**', (route) => {
    if (which === 'so far' && route.request().url() !== old) return route.continue();
    return route.fulfill({ status: 403, json: { error: { code: 'FORBIDDEN', message: 'the link has expired; request a new one' } } });
  });
  page.on('request', (request) => void (request.postData()?.includes('PlaybackLinks') && counted.newLinks++));
  return counted;
}

test('a link that has expired is replaced, and it plays on from the same place', async ({ openAs, server, allowTrouble }) => {
  allowTrouble(refused);
  const { page, audio } = await openLong(openAs, await longCall(server));
  const counted = await expireLinks(page, 'so far');
  await audio.evaluate((element: HTMLMediaElement) => void (element.playbackRate = 1.5));
  await seek(audio, 1000);
  await poll(() => place(audio)).toBeGreaterThan(1000.2);
  expect(await place(audio)).toBeLessThan(1100);
  expect(await paused(audio)).toBe(false);
  expect(await audio.evaluate((element: HTMLMediaElement) => element.playbackRate)).toBe(1.5);
  expect(counted.newLinks).toBe(1);
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('one who paused stays paused with the new link', async ({ openAs, server, allowTrouble }) => {
  allowTrouble(refused);
  const { page, audio } = await openLong(openAs, await longCall(server));
  await audio.evaluate((element: HTMLMediaElement) => element.pause());
  const counted = await expireLinks(page, 'so far');
  await seek(audio, 900);
  await poll(() => counted.newLinks).toBe(1);
  await poll(() => audio.evaluate((element: HTMLMediaElement) => element.readyState)).toBeGreaterThanOrEqual(2);
  await poll(() => place(audio)).toBe(900);
  expect(await paused(audio)).toBe(true);
});

test('where new links do not help either, it asks for one, and then a person', async ({ openAs, server, allowTrouble }) => {
  allowTrouble(refused);
  const { page, audio } = await openLong(openAs, await longCall(server));
  const counted = await expireLinks(page, 'always');
  await seek(audio, 1000);
  const alert = page.getByRole('figure').getByRole('alert');
  await expect(alert).toContainText('The recording could not be loaded.');
  expect(counted.newLinks).toBe(1);
  await expectAccessible(page);
  await page.unroute('**/media/**');
  await alert.getByRole('button', { name: 'Try again' }).click();
  await poll(() => place(audio)).toBeGreaterThan(1000.2);
  await expect(alert).toHaveCount(0);
});

test('a server that is away is said, and it goes on when the server is back', async ({ openAs, server, allowTrouble }) => {
  test.slow();
  allowTrouble(refused, /WebSocket/);
  const { page, audio } = await openLong(openAs, await longCall(server));
  const away = /\/media\/|\/graphql|\/healthz/;
  await page.route(away, (route) => route.abort());
  await seek(audio, 1000);
  // A browser takes some seconds to give up.
  await expect(page.getByRole('alert').first()).toContainText('The server cannot be reached', { timeout: 30_000 });
  await page.unroute(away);
  await tryAgain(page);
  await poll(() => place(audio)).toBeGreaterThan(1000.2);
});

test('a recording that was deleted meanwhile is said to be, also where nothing told the page', async ({
  openAs,
  server,
  page,
  allowTrouble,
}) => {
  allowTrouble(refused, /WebSocket/);
  await page.routeWebSocket(/graphql/, () => undefined); // connected, and silent
  const id = await longCall(server);
  const { audio } = await openLong(openAs, id);
  await anonymize(server, id, { mediaFiles: true });
  await deleteMedia(server);
  await seek(audio, 1000);
  await expect(page.getByRole('figure')).toContainText('This recording was permanently deleted.');
  await expect(audio).toHaveCount(0);
});

test('a recording that lies elsewhere is said to, and nothing but a web address is a link', async ({ openAs, server }) => {
  const elsewhere = { ...recording(0), body: undefined, encoding: undefined, url: 'https://recordings.example/1.wav' };
  const page = await openAs('manager', at(await importVcon(server, vconOf({ dialog: [elsewhere] }))));
  await expect(page.getByRole('figure')).toContainText('The file is stored elsewhere');
  await expect(page.getByRole('link', { name: 'https://recordings.example/1.wav' })).toHaveAttribute('rel', 'noopener noreferrer');
  await expect(page.locator('audio')).toHaveCount(0);
  await expectAccessible(page);
});
