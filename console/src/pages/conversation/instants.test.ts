import { describe, expect, it } from 'vitest';
import { clockOf, instantOf, turnAt } from './instants';

describe('instantOf', () => {
  it.each([
    ['2026-03-01T10:01:05Z', 65],
    ['2026-03-01T10:00:00Z', 0],
    ['2026-03-01T11:00:02.500+01:00', 2.5],
    ['2026-03-01T09:59:59Z', null],
    ['2026-03', null],
    ['at noon', null],
    [null, null],
    [undefined, null],
  ])('of %s is %s', (sentAt, want) => expect(instantOf(sentAt, '2026-03-01T10:00:00Z')).toBe(want));
});

describe('turnAt', () => {
  it.each([
    [null, -1],
    [0, -1],
    [2.9, -1],
    [2.96, 0], // where a browser stops that was asked for 3
    [3, 0],
    [6.9, 0],
    [7, 2],
    [8.5, 3],
    [9, 5],
    [1000, 5],
  ])('at %s is %i', (seconds, want) => expect(turnAt([3, null, 7, 8.5, 7.5, 9], seconds)).toBe(want));

  it('is the last of those that began at once, and none of none', () => {
    expect(turnAt([0, 5, 5], 6)).toBe(2);
    expect(turnAt([], 6)).toBe(-1);
    expect(turnAt([null], 6)).toBe(-1);
  });
});

describe('clockOf', () => {
  it.each([
    [0, '0:00'],
    [5.9, '0:05'],
    [65, '1:05'],
    [600, '10:00'],
    [3599, '59:59'],
    [3665, '1:01:05'],
    [36_000, '10:00:00'],
  ])('says %d seconds as %s', (seconds, want) => expect(clockOf(seconds)).toBe(want));
});
