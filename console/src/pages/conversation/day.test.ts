import { describe, expect, it } from 'vitest';
import { isoDate } from '../../ui/format';
import { endOfDay } from './day';
import { byField, problemsOf } from './useProtect';

describe('days', () => {
  it.each(['2026-11-24', '2028-02-29', '9999-12-31', '0099-05-01'])('%s goes and comes back', (day) => {
    expect(isoDate(endOfDay(day)!)).toBe(day);
  });

  it('ends with the day', () => {
    expect(new Date(Date.parse(endOfDay('2027-03-03')!) + 1)).toEqual(new Date(2027, 2, 4));
  });

  it.each(['', '12026-01-01', 'soon'])('refuses %j', (day) => expect(endOfDay(day)).toBeUndefined());
});

describe('byField', () => {
  it('puts each message where it belongs', () => {
    expect(
      byField([
        { message: 'empty', field: ['input', 'reason'] },
        { message: 'past', field: ['input', 'until'] },
        { message: 'gone', field: ['input', 'mediaFileIds', '0'] },
        { message: 'odd', field: null },
      ]),
    ).toEqual({ reason: 'Empty.', until: 'Past.', other: 'Gone. Odd.' });
  });
});

describe('problemsOf', () => {
  const now = Date.parse('2026-11-25T10:00:00Z');
  it.each([
    ['no reason', ' \n', null, { reason: 'Enter a reason.', until: undefined }],
    ['a long reason', '😀'.repeat(501), null, { reason: 'The reason has 501 characters; use at most 500.', until: undefined }],
    ['a reason just short enough', '😀'.repeat(500), null, { reason: undefined, until: undefined }],
    ['yesterday', 'court', endOfDay('2026-11-24'), { reason: undefined, until: expect.stringContaining('Choose a future date') as string }],
    ['no date', 'court', undefined, { reason: undefined, until: expect.stringContaining('Enter a valid date') as string }],
    ['next year', 'court', endOfDay('2027-11-24'), { reason: undefined, until: undefined }],
  ])('%s', (_, reason, until, want) => expect(problemsOf(reason, until, now)).toEqual(want));
});
