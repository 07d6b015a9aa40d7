import { describe, expect, it } from 'vitest';
import { inputOf, paramsOf, parseFilter } from './filter';

const parse = (search: string) => parseFilter(new URLSearchParams(search));
const now = Date.parse('2026-11-24T12:00:00Z');

describe('the address', () => {
  it.each([
    '',
    'period=24h',
    'period=all&result=FAILURE',
    'activity=MEDIA_DELETED&activity=ACCESS_DENIED',
    'period=custom&from=2026-03-01T09%3A30%3A00.000Z&to=2026-03-02T09%3A30%3A00.000Z&conversation=Q1',
  ])('keeps %j', (search) => {
    const { filter, understood } = parse(search);
    expect(understood).toBe(true);
    expect(paramsOf(filter).toString()).toBe(search);
  });

  it.each(['period=eternity', 'activity=DANCING', 'result=MAYBE', 'period=custom&from=yesterday', 'period=custom&to=1'])(
    'tells that %j means nothing, and goes on without it',
    (search) => {
      const { filter, understood } = parse(search);
      expect(understood).toBe(false);
      expect(['', 'period=custom']).toContain(paramsOf(filter).toString());
    },
  );

  it('never has a user in it', () => expect(paramsOf(parse('user=nadia@example.com').filter).size).toBe(0));
});

describe('what the API is asked', () => {
  it('is the last ten days at first', () =>
    expect(inputOf(parse('').filter, null, now)).toEqual({ occurredFrom: '2026-11-14T12:00:00.000Z' }));

  it('is everything where there is no beginning, which the API would take for ten days', () => {
    expect(inputOf(parse('period=all').filter, null, now)).toEqual({ occurredFrom: '1970-01-01T00:00:00.000Z' });
    const { occurredFrom, occurredTo } = inputOf(parse('period=custom&to=2026-03-02T09:30:00Z').filter, null, now);
    expect([occurredFrom, occurredTo]).toEqual(['1970-01-01T00:00:00.000Z', '2026-03-02T09:30:00.000Z']);
  });

  it('leaves out what does not restrict: the API takes no empty list', () => {
    const search = 'activity=MEDIA_DELETED&result=SUCCESS&conversation=Q1&period=24h';
    const want = {
      occurredFrom: '2026-11-23T12:00:00.000Z',
      activities: ['MEDIA_DELETED'],
      result: 'SUCCESS',
      conversationId: 'Q1',
      userId: 'u1',
    };
    expect(inputOf(parse(search).filter, 'u1', now)).toEqual(want);
  });
});
