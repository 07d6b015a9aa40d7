import { describe, expect, it } from 'vitest';
import { AGAIN_AFTER_MS, mayRenew, verdictOf } from './playback';

describe('verdictOf', () => {
  it.each([
    [403, 2, 'renew'],
    [403, 4, 'renew'],
    [410, 2, 'deleted'],
    [404, 4, 'missing'],
    [503, 2, 'unavailable'],
    [500, 4, 'unavailable'],
    [null, 2, 'offline'],
    [200, 2, 'renew'],
    [206, undefined, 'renew'],
    [200, 3, 'unplayable'],
    [200, 4, 'unplayable'],
  ] as const)('for %s and media error %s: %s', (status, error, want) => expect(verdictOf(status, error)).toBe(want));
});

describe('mayRenew', () => {
  it('renews once, and again after it played or some time', () => {
    expect(mayRenew(0, null)).toBe(true);
    expect(mayRenew(AGAIN_AFTER_MS - 1, { at: 0, played: false })).toBe(false);
    expect(mayRenew(AGAIN_AFTER_MS - 1, { at: 0, played: true })).toBe(true);
    expect(mayRenew(AGAIN_AFTER_MS, { at: 0, played: false })).toBe(true);
  });
});
