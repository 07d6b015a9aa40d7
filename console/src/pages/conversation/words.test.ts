import { describe, expect, it } from 'vitest';
import { why } from './words';

const segment = (isAnonymized: boolean, reviewabilityReason: 'UNTOUCHED' | 'CONTENT_KEPT' | 'PROTECTED_MEDIA' | 'ANONYMIZED') => ({
  isAnonymized,
  reviewabilityReason,
});

describe('why', () => {
  it('gives the one reason of a single segment', () => {
    expect(why([segment(false, 'PROTECTED_MEDIA')])).toBe('A protected recording is kept.');
    expect(why([segment(true, 'ANONYMIZED')])).toBe('Its content was removed or is planned for deletion.');
  });

  it('counts what is left of several', () => {
    expect(why([segment(true, 'ANONYMIZED'), segment(false, 'CONTENT_KEPT')])).toBe('1 of 2 segments can still be reviewed.');
    expect(why([segment(true, 'ANONYMIZED'), segment(true, 'ANONYMIZED')])).toBe(
      'The content of every segment was removed or is planned for deletion.',
    );
    expect(why([segment(false, 'UNTOUCHED'), segment(false, 'UNTOUCHED')])).toBe('The conversation was never anonymized.');
    expect(why([segment(false, 'CONTENT_KEPT'), segment(false, 'PROTECTED_MEDIA')])).toBe('The content of every segment is kept.');
    expect(why([])).toBe('It has no content.');
  });
});
