import { describe, expect, it } from 'vitest';
import { besides, isAdrift, isEarly, mayCorrect, moveTo, NEVER, pausesBoth, type State } from './together';

const state = (currentTime: number, more: Partial<State> = {}): State => ({
  currentTime,
  duration: 100,
  paused: false,
  seeking: false,
  readyState: 4,
  ...more,
});

describe('moveTo', () => {
  it.each([
    ['elsewhere', state(50), state(10), 50],
    ['back', state(10), state(50), 10],
    ['the same place', state(50), state(50.04), null],
    ['beyond the end of a shorter one', state(120, { duration: 130 }), state(10), 100],
    ['a shorter one that waits at its end', state(120, { duration: 130 }), state(100), null],
    ['one at its end, while the longer one plays on', state(100), state(120, { duration: 130 }), null],
    ['to the end of the shorter one, from before it', state(100), state(10, { duration: 130 }), 100],
    ['back from its end', state(60), state(120, { duration: 130 }), 60],
    ['one whose length is not known', state(50), state(10, { duration: Infinity }), 50],
    ['by one that has not loaded', state(0, { readyState: 0, duration: NaN }), state(50), null],
    ['one that has not loaded', state(50), state(0, { readyState: 0, duration: NaN }), null],
  ])('%s', (_, one, other, want) => expect(moveTo(one, other, 0)).toBe(want));
});

describe('recordings that did not begin at once', () => {
  it.each([
    ['later', state(50), -2, 48],
    ['earlier', state(50), 2, 52],
    ['later than where one is', state(1), -2, 0],
    ['earlier, and ended since', state(99), 2, 100],
  ])('are moved to the same instant: %s', (_, one, shift, want) => expect(moveTo(one, state(20), shift)).toBe(want));
  it('are in step at different places', () => {
    expect(isAdrift(state(50), state(48.1), -2)).toBe(false);
    expect(isAdrift(state(50), state(50), -2)).toBe(true);
  });
  it('are early until they begin', () => expect([1, 1.9, 2, 3].map((at) => isEarly(state(at), -2))).toEqual([true, true, false, false]));
  it('come back beside one another', () => {
    const [own, its] = [
      { seconds: 10, playing: true, rate: 1 },
      { seconds: 12, playing: true, rate: 2 },
    ];
    expect(besides(own, state(12), its, -2)).toEqual({ seconds: 10, playing: true, rate: 2 });
    expect(besides(own, state(1), { ...its, seconds: 1 }, -2)).toEqual({ seconds: 0, playing: false, rate: 2 });
  });
});

describe('besides', () => {
  const [own, its] = [
    { seconds: 10, playing: true, rate: 1 },
    { seconds: 12, playing: true, rate: 2 },
  ];
  it('goes on where the other one is by now', () => expect(besides(own, state(12), its, 0)).toEqual(its));
  it('goes on where it was, where the other one has nothing', () => expect(besides(own, state(0, { readyState: 0 }), its, 0)).toBe(own));
  it.each([
    ['a sound that loads second', 0, 2],
    ['a screen that loads second, and began first', 0, 3],
    ['one that is within what the other one has not', 1.5, 2],
  ])('stays at its place, where the other one waits for its beginning: %s', (_, seconds, shift) => {
    const [here, waits] = [
      { seconds, playing: false, rate: 1 },
      { seconds: 0, playing: false, rate: 1.5 },
    ];
    expect(besides(here, state(0, { paused: true }), waits, shift)).toEqual({ ...here, rate: 1.5 });
  });
  it('follows one that was moved, or begins', () => {
    const here = { seconds: 0, playing: false, rate: 1 };
    expect(besides(here, state(4), { seconds: 4, playing: false, rate: 1 }, 2)).toMatchObject({ seconds: 6 });
    expect(besides(here, state(0), { seconds: 0, playing: true, rate: 1 }, 2)).toMatchObject({ seconds: 2, playing: true });
  });
  it('plays what is left after the end of the other one', () => {
    const late = { ...own, seconds: 110 };
    expect(besides(late, state(100), its, 0)).toBe(late);
  });
  it('begins nothing anew where the other one came to its end meanwhile', () => {
    const ended = { seconds: 100, playing: false, rate: 1 };
    expect(besides(own, state(100, { paused: true }), ended, 0)).toEqual(ended);
  });
});

describe('pausesBoth', () => {
  it('holds for both', () => expect(pausesBoth(state(50), false)).toBe(true));
  it('does not at the end', () => expect(pausesBoth(state(100), false)).toBe(false));
  it('does not where the browser paused what nobody sees', () => expect(pausesBoth(state(50), true)).toBe(false));
});

describe('isAdrift', () => {
  it.each([
    ['in step', state(50), state(50.2), false],
    ['behind', state(50), state(49.6), true],
    ['ahead', state(50), state(50.4), true],
    ['one of them paused', state(50), state(40, { paused: true }), false],
    ['one of them seeking', state(50), state(40, { seeking: true }), false],
    ['the screen waiting for data', state(50), state(40, { readyState: 2 }), false],
    ['the sound waiting for data', state(50, { readyState: 2 }), state(40), false],
  ])('%s', (_, sound, screen, want) => expect(isAdrift(sound, screen, 0)).toBe(want));
});

describe('mayCorrect', () => {
  it('mends at once, then rests, the longer the less it helps', () => {
    expect(mayCorrect(0, NEVER)).toBe(true);
    expect(mayCorrect(1_999, { at: 0, inVain: 0 })).toBe(false);
    expect(mayCorrect(2_000, { at: 0, inVain: 0 })).toBe(true);
    expect(mayCorrect(3_999, { at: 0, inVain: 1 })).toBe(false);
    expect(mayCorrect(4_000, { at: 0, inVain: 1 })).toBe(true);
    expect(mayCorrect(63_999, { at: 0, inVain: 9 })).toBe(false);
    expect(mayCorrect(64_000, { at: 0, inVain: 9 })).toBe(true);
  });
});
