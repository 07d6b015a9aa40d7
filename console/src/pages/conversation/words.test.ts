import { describe, expect, it } from 'vitest';
import { lengthOf, why } from './words';

const segment = (anonymized: boolean, reason: 'UNTOUCHED' | 'CONTENT_KEPT' | 'PROTECTED_MEDIA' | 'ANONYMIZED') => ({ anonymized, reason });

describe('lengthOf', () => {
  it.each([
    [0, 'not known'],
    [0.4, 'not known'],
    [59.6, '1 min'],
    [116, '1 min 56 s'],
    [3600, '1 h'],
    [5998, '1 h 39 min'],
    [86_405, '1 d'],
    [200_000, '2 d 7 h'],
  ])('says %d seconds as %s', (seconds, want) => expect(lengthOf(seconds)).toBe(want));
});

describe('why', () => {
  it('gives the one reason of a single segment', () => {
    expect(why([segment(false, 'PROTECTED_MEDIA')])).toBe('A protected recording is left.');
    expect(why([segment(true, 'ANONYMIZED')])).toBe('Its content is gone, or planned to go.');
  });

  it('counts what is left of several', () => {
    expect(why([segment(true, 'ANONYMIZED'), segment(false, 'CONTENT_KEPT')])).toBe('1 of 2 segments can still be reviewed.');
    expect(why([segment(true, 'ANONYMIZED'), segment(true, 'ANONYMIZED')])).toBe('The content of every segment is gone, or planned to go.');
    expect(why([segment(false, 'UNTOUCHED'), segment(false, 'UNTOUCHED')])).toBe('The conversation was never anonymized.');
    expect(why([segment(false, 'CONTENT_KEPT'), segment(false, 'PROTECTED_MEDIA')])).toBe('No segment has lost its content.');
    expect(why([])).toBe('It has no content.');
  });
});
