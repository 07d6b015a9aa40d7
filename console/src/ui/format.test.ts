import { describe, expect, it } from 'vitest';
import { atLeast, counted, duration, durationOr, inWords, isoDate } from './format';

describe('counted', () => {
  it.each([
    [0, '0 segments'],
    [1, '1 segment'],
    [1200, '1,200 segments'],
  ])('says %d', (count, want) => expect(counted(count, 'segment')).toBe(want));

  it('takes another plural', () => expect(counted(2, 'e-mail body', 'e-mail bodies')).toBe('2 e-mail bodies'));
});

describe('atLeast', () => {
  it.each([
    [0, '0'],
    [9_999, '9,999'],
    [10_000, '10,000+'],
  ])('says %d', (total, want) => expect(atLeast(total)).toBe(want));
});

describe('duration', () => {
  it.each([
    [0, '0 s'],
    [0.4, '0 s'],
    [59.6, '1 min'],
    [69, '1 min 9 s'],
    [116, '1 min 56 s'],
    [3600, '1 h'],
    [3605, '1 h'],
    [5998, '1 h 39 min'],
    [86_405, '1 d'],
    [97_200, '1 d 3 h'],
    [200_000, '2 d 7 h'],
  ])('says %d seconds as %s', (seconds, want) => expect(duration(seconds)).toBe(want));
});

describe('isoDate', () => {
  it('is the day in the zone of the viewer', () => expect(isoDate(new Date(2026, 1, 3, 23, 59))).toBe('2026-02-03'));
  it('has four digits of the year', () => expect(isoDate(new Date(-59_000_000_000_000))).toMatch(/^0100-/));
});

describe('inWords', () => {
  it('makes a sentence', () => {
    expect(inWords('the key is a correlation key')).toBe('The key is a correlation key.');
    expect(inWords('Not now.')).toBe('Not now.');
  });
});

it('a length of time that was not measured is not said to be none', () => {
  expect([0, 0.4, 0.5, 90].map((seconds) => durationOr(seconds))).toEqual(['Unknown', 'Unknown', '1 s', '1 min 30 s']);
});
