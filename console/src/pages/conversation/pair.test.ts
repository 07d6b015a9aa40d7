import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runTogether, type Pair } from './pair';

/** A recording as a browser has it, whose events come a moment after what they tell. */
class Fake extends EventTarget {
  duration: number;
  readyState = 4;
  networkState = 1;
  error: object | null = null;
  muted = false;
  paused = true;
  seeking = false;
  told: string[] = [];
  private at = 0;
  private rate = 1;

  constructor(duration: number) {
    super();
    this.duration = duration;
  }

  get currentTime() {
    return this.at;
  }

  set currentTime(to: number) {
    this.at = Math.min(to, this.duration);
    this.seeking = true;
    this.tell('seeking');
    setTimeout(() => (this.seeking = false));
    this.tell('seeked');
  }

  get playbackRate() {
    return this.rate;
  }

  set playbackRate(to: number) {
    this.rate = to;
    this.tell('ratechange');
  }

  play() {
    if (this.paused) this.tell('play');
    this.paused = false;
    return Promise.resolve();
  }

  pause() {
    if (!this.paused) this.tell('pause');
    this.paused = true;
  }

  /** Time goes by. */
  pass(seconds: number) {
    if (!this.paused) this.at = Math.min(this.at + seconds, this.duration);
    if (this.at === this.duration) this.pause();
    this.dispatchEvent(new Event('timeupdate'));
  }

  private tell(event: string) {
    setTimeout(() => {
      this.told.push(event);
      this.dispatchEvent(new Event(event));
    });
  }
}

/** settled lets all events come, whatever they bring about; the clock is the tests' own. */
const settled = () => vi.advanceTimersByTimeAsync(10);
const as = (fake: Fake) => fake as unknown as HTMLMediaElement;

let pair: Pair;

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }));

async function both(sound = 100, screen = 100, lag = 0) {
  const made = { sound: new Fake(sound), screen: new Fake(screen) };
  pair = runTogether(as(made.sound), as(made.screen), lag);
  await settled();
  return made;
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe.each([
  ['sound', 'screen'],
  ['screen', 'sound'],
] as const)('what a person does to the %s', (first, second) => {
  it('is done to the other one, once', async () => {
    const { [first]: one, [second]: other } = await both();
    void one.play();
    await settled();
    one.currentTime = 30;
    one.playbackRate = 2;
    await settled();
    expect([other.paused, other.currentTime, other.playbackRate]).toEqual([false, 30, 2]);
    one.pause();
    await settled();
    expect(other.paused).toBe(true);
    expect([one.told.length, other.told.length]).toEqual([5, 5]);
  });

  it('is nothing to one that failed, nor is what the browser does to the failed one', async () => {
    const { [first]: one, [second]: other } = await both();
    void one.play();
    await settled();
    other.error = { code: 2 };
    other.pause();
    one.currentTime = 50;
    await settled();
    expect([one.paused, other.paused, other.currentTime]).toEqual([false, true, 0]);
  });

  it('is undone by no late news of what it did to the other one', async () => {
    const { [first]: one, [second]: other } = await both();
    void one.play();
    one.currentTime = 30;
    await settled();
    one.told = [];
    other.addEventListener('seeking', () => one.pass(1), { once: true }); // the news came a second late
    one.currentTime = 60;
    await settled();
    expect([one.currentTime, other.currentTime]).toEqual([61, 60]);
    expect(one.told).toEqual(['seeking', 'seeked']);
  });
});

it('lets the longer one play on, and both go on where both have something', async () => {
  const { sound, screen } = await both(100, 120);
  void sound.play();
  await settled();
  for (const media of [sound, screen]) media.pass(100);
  await settled();
  screen.pass(10);
  await settled();
  expect([sound.paused, screen.paused, screen.currentTime]).toEqual([true, false, 110]);
  sound.currentTime = 50;
  await settled();
  expect([sound.paused, screen.currentTime]).toEqual([false, 50]);
});

describe('a screen that began two seconds after the sound', () => {
  it('waits for its beginning, and stops nobody', async () => {
    const { sound, screen } = await both(100, 100, 2);
    void sound.play();
    await settled();
    sound.pass(1);
    await settled();
    expect([sound.paused, screen.paused, screen.currentTime]).toEqual([false, true, 0]);
    sound.pass(1.5);
    await settled();
    expect([sound.currentTime, screen.paused, screen.currentTime]).toEqual([2.5, false, 0.5]);
    sound.currentTime = 1;
    await settled();
    expect([sound.paused, screen.paused, screen.currentTime]).toEqual([false, true, 0]);
    expect(sound.told).toEqual(['play', 'seeking', 'seeked']);
  });

  it('brings the sound to its beginning, where somebody begins with it', async () => {
    const { sound, screen } = await both(100, 100, 2);
    void screen.play();
    await settled();
    expect([sound.paused, sound.currentTime, screen.paused, screen.currentTime]).toEqual([false, 2, false, 0]);
    screen.currentTime = 30;
    await settled();
    expect([sound.currentTime, screen.currentTime]).toEqual([32, 30]);
    sound.pause();
    await settled();
    expect(screen.paused).toBe(true);
  });
});

it('does not pause the sound where the browser pauses a picture that nobody sees', async () => {
  const [sound, screen] = [new Fake(100), Object.assign(document.createElement('video'), { pause: () => undefined })];
  Object.defineProperties(screen, {
    paused: { value: true },
    duration: { value: 100 },
    networkState: { value: 1 },
    error: { value: null },
  });
  runTogether(as(sound), screen);
  void sound.play();
  await settled();
  const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
  screen.dispatchEvent(new Event('pause'));
  expect(sound.paused).toBe(false);
  hidden.mockReturnValue(false);
  screen.dispatchEvent(new Event('pause'));
  expect(sound.paused).toBe(true);
});

it('mends drift by moving the screen, and less often where that does not help', async () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
  const { sound, screen } = await both(1000, 1000);
  void sound.play();
  await settled();
  screen.told = [];
  const adrift = async (now: number) => {
    clock.mockReturnValue(now);
    sound.pass(1);
    await settled();
    return screen.told.filter((event) => event === 'seeking').length;
  };
  expect([
    await adrift(0),
    await adrift(1_000),
    await adrift(3_999),
    await adrift(4_000),
    await adrift(11_999),
    await adrift(12_000),
  ]).toEqual([1, 1, 1, 2, 2, 3]);
  expect(sound.told).not.toContain('seeking');
});

it('tells one that comes back where the other one is by then', async () => {
  const { sound, screen } = await both();
  void sound.play();
  sound.currentTime = 40;
  await settled();
  const here = { seconds: 10, playing: true, rate: 1 };
  expect(pair.placeFor(as(screen), here)).toEqual({ seconds: 40, playing: true, rate: 1 });
  sound.error = { code: 2 };
  expect(pair.placeFor(as(screen), here)).toBe(here);
});

it('turns the sound of the screen off, and on again when they run apart', async () => {
  const { sound, screen } = await both();
  expect([sound.muted, screen.muted]).toEqual([false, true]);
  pair.part();
  expect(screen.muted).toBe(false);
  void sound.play();
  await settled();
  expect(screen.paused).toBe(true);
});
