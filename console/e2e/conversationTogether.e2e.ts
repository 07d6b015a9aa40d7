/** The sound and the screen of a call in a real browser: they run together, and from any turn of the transcript. */
import type { Locator, Page } from '@playwright/test';
import { at, find, importVcon, recording, vconOf } from './conversationDeeds';
import { expect, expectAccessible, poll, test } from './fixtures';
import type { Server } from './server';

type Media = HTMLMediaElement;

/** What the browser itself says in its console of an answer that is an error. */
const refused = /Failed to load resource/;

const play = (media: Locator) => media.evaluate((element: Media) => element.play());
const pause = (media: Locator) => media.evaluate((element: Media) => element.pause());
const seek = (media: Locator, seconds: number) => media.evaluate((element: Media, to) => void (element.currentTime = to), seconds);
const speed = (media: Locator) => media.evaluate((element: Media) => element.playbackRate);
const muted = (media: Locator) => media.evaluate((element: Media) => element.muted);
const place = (media: Locator) => media.evaluate((element: Media) => (element.seeking ? -1 : element.currentTime));
const playing = (media: Locator) => media.evaluate((element: Media) => !element.paused);
const loaded = (media: Locator) => poll(() => media.evaluate((element: Media) => element.readyState)).toBeGreaterThan(0);

/** apart is how far a screen that began lag seconds after the sound is from it, read at one instant. */
const apart = (page: Page, lag: number) =>
  page.evaluate((later) => {
    const [sound, screen] = [document.querySelector('audio')!, document.querySelector('video')!];
    return sound.seeking || screen.seeking ? Infinity : Math.abs(screen.currentTime + later - sound.currentTime);
  }, lag);

const expectInStep = (page: Page, lag = 0) => poll(() => apart(page, lag)).toBeLessThan(0.35);

interface Recorded {
  media: { kind: 'CALL' | 'SCREEN'; startedAt: string }[];
}

/** lagOf is by how many seconds the screen began after the sound. */
function lagOf({ media }: Recorded): number {
  const began = (kind: string) => Date.parse(media.find((file) => file.kind === kind)!.startedAt);
  return (began('SCREEN') - began('CALL')) / 1000;
}

interface Both {
  page: Page;
  sound: Locator;
  screen: Locator;
  together: Locator;
}

async function open(openAs: (person: 'manager', path: string) => Promise<Page>, id: string): Promise<Both> {
  const page = await openAs('manager', at(id));
  const both = { page, sound: page.locator('audio'), screen: page.locator('video'), together: page.getByRole('switch') };
  await Promise.all([loaded(both.sound), loaded(both.screen)]);
  return both;
}

/** LIGHT is the rate of a recording that a browser fetches all at once, HEAVY of one that it asks for anew far ahead. */
const [LIGHT, HEAVY] = [3_000, 16_000];

const turns = [
  { speaker: 'agent', start: 0, text: 'good morning' },
  { speaker: 'customer', start: 4.5, text: 'my bill is wrong' },
  { speaker: 'agent', start: 65, text: 'let me have a look' },
  { speaker: 'customer', start: 7000, text: 'is anybody there' },
];
const transcript = [{ type: 'transcript', dialog: 0, vendor: 'test', encoding: 'json', body: turns }];

interface Call {
  minutes: [sound: number, screen: number];
  heavy?: 'audio' | 'video';
}

/** callOf imports a call; its screen has a sound of its own, as some have. */
function callOf(server: Server, { minutes: [sound, screen], heavy }: Call): Promise<string> {
  const rate = (kind: string) => (kind === heavy ? HEAVY : LIGHT);
  const dialog = [recording(sound, rate('audio')), { ...recording(screen, rate('video')), mediatype: 'video/webm' }];
  return importVcon(server, vconOf({ dialog, analysis: transcript }));
}

test("the demo's sound and screen play, pause, seek and change their speed together, whichever is told to", async ({ openAs, server }) => {
  const wanted = { types: ['SCREEN_RECORDING'], mediaStatuses: ['AVAILABLE'], isAnonymized: false };
  const call = await find<Recorded>(server, 'media { kind startedAt }', wanted, ({ media }) => media.length === 2);
  const lag = lagOf(call);
  expect(lag).toBeGreaterThan(0); // a recorder begins with the screen when the call has been taken
  const { page, sound, screen, together } = await open(openAs, call.id);
  await expect(together).toBeChecked();
  await expect(together).toHaveAccessibleName('Play together');
  await expect(together).toHaveAccessibleDescription(/^Audio and screen play in sync/);
  for (const [one, other, from, to] of [
    [sound, screen, 20, 20 - lag],
    [screen, sound, 40, 40 + lag],
  ] as const) {
    await seek(one, from);
    await poll(() => place(other)).toBeCloseTo(to);
    await play(one);
    await poll(() => place(other)).toBeGreaterThan(to + 0.3);
    await expectInStep(page, lag);
    await one.evaluate((element: Media) => void (element.playbackRate = 1.5));
    await poll(() => speed(other)).toBe(1.5);
    await pause(one);
    await poll(() => playing(other)).toBe(false);
    await one.evaluate((element: Media) => void (element.playbackRate = 1));
    await poll(() => speed(other)).toBe(1);
    await expectInStep(page, lag);
  }
  await seek(sound, 0);
  const screenPlays = await sound.evaluate(async (element: Media) => {
    await element.play();
    return !document.querySelector('video')!.paused;
  });
  expect(screenPlays).toBe(false); // it has not begun yet
  await poll(() => place(screen), 20_000).toBeGreaterThan(0.3);
  await expectInStep(page, lag);
  await expectAccessible(page);
});

for (const late of ['audio', 'video'] as const) {
  test(`both stand at their beginning also where the ${late} loads second`, async ({ openAs, server, page }) => {
    const wanted = { types: ['SCREEN_RECORDING'], mediaStatuses: ['AVAILABLE'], isAnonymized: false };
    const call = await find<Recorded>(server, 'media { kind startedAt }', wanted, ({ media }) => media.length === 2);
    await page.addInitScript((held) => {
      // The link of one is set when the other one has loaded.
      const src = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'src')!;
      const other = held === 'audio' ? 'video' : 'audio';
      Object.defineProperty(HTMLMediaElement.prototype, 'src', {
        get(this: HTMLMediaElement) {
          return src.get!.call(this) as string;
        },
        set(this: HTMLMediaElement, url: string) {
          const first = document.querySelector(other);
          if (this.localName !== held || !first || first.readyState > 0) src.set!.call(this, url);
          else first.addEventListener('loadedmetadata', () => setTimeout(() => src.set!.call(this, url)));
        },
      });
    }, late);
    const { sound, screen } = await open(openAs, call.id);
    await poll(() => screen.evaluate((element: Media) => element.readyState)).toBeGreaterThan(1);
    await poll(() => sound.evaluate((element: Media) => element.readyState)).toBeGreaterThan(1);
    expect([await place(sound), await place(screen)]).toEqual([0, 0]);
  });
}

test('each stops at its own end, and goes on together from a place that both have', async ({ openAs, server }) => {
  const { page, sound, screen } = await open(openAs, await callOf(server, { minutes: [1, 2] }));
  await seek(sound, 59.5);
  await play(sound);
  await poll(() => sound.evaluate((element: Media) => element.ended)).toBe(true);
  await poll(() => place(screen)).toBeGreaterThan(60.5);
  expect(await playing(screen)).toBe(true);
  await pause(screen);
  await play(screen);
  await poll(() => place(screen)).toBeGreaterThan(61);
  expect(await place(sound)).toBeCloseTo(60);
  await seek(screen, 30);
  await expectInStep(page);
  await poll(() => place(screen)).toBeGreaterThan(30.2);
  expect(await playing(sound)).toBe(true);
  await seek(screen, 100);
  await poll(() => place(sound)).toBeCloseTo(60);
  await poll(() => place(screen)).toBeGreaterThan(100.2);
});

test('with the keyboard they are let run apart, and together again', async ({ openAs, server }) => {
  const { page, sound, screen, together } = await open(openAs, await callOf(server, { minutes: [2, 2] }));
  await poll(async () => [await muted(sound), await muted(screen)]).toEqual([false, true]);
  await together.focus();
  await page.keyboard.press('Space');
  await expect(together).not.toBeChecked();
  await poll(() => muted(screen)).toBe(false);
  await expectAccessible(page);
  await play(sound);
  await seek(screen, 50);
  await poll(() => place(sound)).toBeGreaterThan(0.5);
  await poll(async () => [await place(screen), await playing(screen)]).toEqual([50, false]);
  await page.keyboard.press('Space');
  await expect(together).toBeChecked();
  await poll(() => playing(screen)).toBe(true);
  await expectInStep(page);
  expect(await place(sound)).toBeLessThan(40);
});

/** watch counts what happens to a recording from now on. */
async function watch(media: Locator, ...events: string[]): Promise<() => Promise<string[]>> {
  const seen = await media.evaluateHandle((element: Media, names) => {
    const list: string[] = [];
    for (const name of names) element.addEventListener(name, () => list.push(name));
    return list;
  }, events);
  return () => seen.jsonValue();
}

test('drift is mended, now and then, and without a jump in the sound', async ({ openAs, server }) => {
  const { page, sound, screen } = await open(openAs, await callOf(server, { minutes: [2, 2] }));
  await play(sound);
  await poll(() => place(screen)).toBeGreaterThan(0.5);
  await expectInStep(page);
  const [ofSound, ofScreen] = [await watch(sound, 'seeking', 'pause', 'ratechange'), await watch(screen, 'seeked', 'pause', 'ratechange')];
  const moved = await screen.evaluateHandle((element: Media) => {
    const times: number[] = [];
    element.addEventListener('seeking', () => times.push(performance.now()));
    return times;
  });
  await screen.evaluate((element: Media) => {
    addEventListener('seeking', (event) => event.stopImmediatePropagation(), { capture: true, once: true }); // as if nobody had moved it
    element.currentTime += 1;
  });
  await poll(async () => (await ofScreen()).length).toBeGreaterThan(1); // there and back
  await expectInStep(page);
  const here = await place(sound);
  await poll(() => place(sound)).toBeGreaterThan(here + 2.5);
  expect([await ofSound(), [...new Set(await ofScreen())]]).toEqual([[], ['seeked']]);
  // On a starved machine a browser drifts by itself, again and again; it is not moved at every chance, of which there are four a second.
  const rests = (await moved.jsonValue()).map((at, nth, all) => at - (all[nth - 1] ?? -Infinity));
  expect(Math.min(...rests)).toBeGreaterThan(1_000);
});

for (const kind of ['audio', 'video'] as const) {
  test(`where the link of the ${kind} expires, the other one is not disturbed`, async ({ openAs, server, allowTrouble }) => {
    allowTrouble(refused);
    const { page } = await open(openAs, await callOf(server, { minutes: [6, 6], heavy: kind }));
    const [one, other] = [page.locator(kind), page.locator(kind === 'audio' ? 'video' : 'audio')];
    await play(other);
    await poll(() => place(one)).toBeGreaterThan(0.2);
    const old = await one.evaluate((element: Media) => element.src);
    await page.route(old, (route) => route.fulfill({ status: 403 }));
    await seek(other, 300);
    const ofOther = await watch(other, 'seeking', 'pause', 'ratechange');
    await poll(() => one.evaluate((element: Media) => element.src)).not.toBe(old);
    await poll(() => place(one)).toBeGreaterThan(300.2);
    await expectInStep(page);
    expect([await playing(one), await playing(other)]).toEqual([true, true]);
    expect((await ofOther()).filter((event) => event !== 'seeking' || kind === 'audio')).toEqual([]);
  });
}

test('a screen that fails lets the sound play on, and comes back to where it is by then', async ({ openAs, server, allowTrouble }) => {
  allowTrouble(refused);
  const { page, sound, screen, together } = await open(openAs, await callOf(server, { minutes: [6, 6], heavy: 'video' }));
  const old = await screen.evaluate((element: Media) => element.src);
  const link = (url: URL) => url.href.split('?')[0] === old.split('?')[0];
  await page.route(link, (route) => route.fulfill({ status: 503 }));
  await seek(sound, 300);
  await play(sound);
  await expect(page.getByRole('alert')).toContainText('The recording could not be loaded.');
  await expect(together).toHaveCount(0); // there is nothing that it could run with
  const here = await place(sound);
  await poll(() => place(sound)).toBeGreaterThan(here + 1);
  await page.unroute(link);
  const ofSound = await watch(sound, 'seeking', 'pause');
  await page.getByRole('button', { name: 'Try again' }).click();
  await poll(() => place(screen)).toBeGreaterThan(here + 1);
  await expectInStep(page);
  expect([await ofSound(), await playing(screen)]).toEqual([[], true]);
  await expect(together).toBeChecked();
});

test('both play from a turn that is pressed, and the turn that is heard is marked', async ({ openAs, server }) => {
  const { page, sound, screen } = await open(openAs, await callOf(server, { minutes: [2, 2] }));
  const call = page.getByRole('region', { name: 'Call' });
  const said = call.getByRole('listitem');
  await expect(call.getByRole('button', { name: /^Play from / })).toHaveCount(3);
  await expect(said.nth(3).getByRole('button')).toHaveCount(0); // later than all that was recorded
  await expect(said.nth(3).locator('time')).toBeVisible();
  await expect(call.locator('[aria-current]')).toHaveCount(0);
  await call.getByRole('button', { name: /^Play from 0:04, \d/ }).focus();
  await page.keyboard.press('Enter');
  for (const media of [sound, screen]) await poll(() => place(media)).toBeGreaterThan(4.6);
  await expectInStep(page);
  const heard = call.locator('[aria-current=true]');
  await expect(heard).toContainText('my bill is wrong');
  await expectAccessible(page);
  await page.keyboard.press('Tab');
  await expect(call.getByRole('button', { name: /^Play from 1:05, \d/ })).toBeFocused();
  await page.keyboard.press('Space');
  await expect(heard).toContainText('let me have a look');
  expect(await place(sound)).toBeLessThan(90);
  await pause(sound);
  await expect(heard).toHaveCount(0);
  await seek(screen, 3);
  await play(screen);
  await expect(heard).toContainText('good morning');
  await expect(heard).toContainText('my bill is wrong'); // and goes along
});

test('a turn that only the longer recording has plays that one; run apart, only the sound plays', async ({ openAs, server }) => {
  const { page, sound, screen, together } = await open(openAs, await callOf(server, { minutes: [1, 2] }));
  await page.getByRole('button', { name: /^Play from 1:05/ }).click();
  await poll(() => place(screen)).toBeGreaterThan(65.2);
  await poll(async () => [await place(sound), await playing(sound)]).toEqual([60, false]);
  await pause(screen);
  await together.press('Space');
  await page.getByRole('button', { name: /^Play from 0:04/ }).click();
  await poll(() => place(sound)).toBeGreaterThan(4.7);
  await poll(async () => [await place(screen), await playing(screen)]).toEqual([4.5, false]);
});

test('without a recording that can be played, times are text', async ({ openAs, server }) => {
  const elsewhere = { ...recording(0), duration: 60, body: undefined, encoding: undefined, url: 'https://recordings.example/1.wav' };
  const page = await openAs('manager', at(await importVcon(server, vconOf({ dialog: [elsewhere], analysis: transcript }))));
  await expect(page.getByText('good morning')).toBeVisible();
  await expect(page.getByRole('listitem').locator('time').first()).toBeVisible();
  await expect(page.getByRole('button', { name: /^Play from/ })).toHaveCount(0);
  await expect(page.getByRole('switch')).toHaveCount(0);
});

test('with a sound alone there is nothing to run together, and a turn plays it', async ({ openAs, server }) => {
  const page = await openAs('manager', at(await importVcon(server, vconOf({ dialog: [recording(2)], analysis: transcript }))));
  await page.getByRole('button', { name: /^Play from 0:04/ }).click();
  await poll(() => place(page.locator('audio'))).toBeGreaterThan(4.6);
  await expect(page.getByRole('switch')).toHaveCount(0);
});
