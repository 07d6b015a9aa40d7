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
    ['no reason', '', 'court', null, { reason: 'Choose a reason.' }],
    ['a long note', 'OTHER', '😀'.repeat(501), null, { note: 'The note has 501 characters; use at most 500.' }],
    ['a note just short enough', 'OTHER', '😀'.repeat(500), null, {}],
    ['no note', 'MIFID', ' \n', null, {}],
    ['yesterday', 'MIFID', '', endOfDay('2026-11-24'), { until: expect.stringContaining('Choose a future date') as string }],
    ['no date', 'MIFID', '', undefined, { until: expect.stringContaining('Enter a valid date') as string }],
    ['next year', 'MIFID', '', endOfDay('2027-11-24'), {}],
  ])('%s', (_, reason, note, until, want) => expect(problemsOf(reason, note, until, now)).toEqual(want));
});
