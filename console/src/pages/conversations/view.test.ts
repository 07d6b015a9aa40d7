import { describe, expect, it } from 'vitest';
import { bounds } from './period';
import { addressProblem, nothing, phoneProblem, withMetadata } from './search';
import { anchorAt, extend, none, selectPage, toggle, unselectPage } from './selection';
import { everything, formatView, parseView, type View } from './view';

const parsed = (address: string) => parseView(new URLSearchParams(address));

describe('the address', () => {
  const view: View = {
    ...everything,
    from: '2026-01-01T00:00:00.000Z',
    types: ['CALL', 'CHAT'],
    reviewable: false,
    media: ['DELETED'],
    anonymized: true,
    order: 'longest',
    size: 100,
    after: 'abc',
    open: 'Q29udjox',
  };

  it('gives back the view that it was written from', () => {
    expect(parseView(formatView(view))).toEqual(view);
    expect(parseView(formatView({ ...everything, period: 'week', before: 'x' }))).toEqual({ ...everything, period: 'week', before: 'x' });
  });

  it('is empty where nothing is restricted', () => expect(formatView(everything).toString()).toBe(''));

  it('takes no notice of nonsense', () => {
    expect(parsed('type=X,&size=7&order=toString&period=constructor&from=0&to=x&reviewable=1&media=')).toMatchObject({
      types: [],
      size: 25,
      order: 'newest',
      period: null,
      to: null,
      reviewable: null,
      media: [],
    });
  });

  it('goes one way only', () => expect(parsed('after=a&before=b')).toMatchObject({ after: 'a', before: null }));
});

describe('periods', () => {
  it('begin at midnight of the viewer and are the same all day', () => {
    const morning = new Date(2026, 2, 10, 0, 1);
    const night = new Date(2026, 2, 10, 23, 59);
    expect(bounds('week', morning)).toEqual(bounds('week', night));
    expect(bounds('today', night).startedFrom).toBe(new Date(2026, 2, 10).toISOString());
    expect(bounds('yesterday', night)).toEqual({
      startedFrom: new Date(2026, 2, 9).toISOString(),
      startedTo: new Date(2026, 2, 10).toISOString(),
    });
  });
});

describe('the search', () => {
  it('says what the server would refuse', () => {
    expect([phoneProblem(''), phoneProblem('+1 23')]).toEqual([undefined, undefined]);
    expect(phoneProblem('+1 2')).toBeDefined();
    expect([addressProblem(''), addressProblem('a@b')]).toEqual([undefined, undefined]);
    expect([addressProblem('ab'), addressProblem('@.a')]).not.toContain(undefined);
  });

  it('adds a value once', () => {
    const one = withMetadata(nothing, { key: 'a', value: 'b' });
    expect(withMetadata(one, { key: 'a', value: 'b' })).toBe(one);
    expect(withMetadata(one, { key: 'a', value: 'c' }).metadata).toHaveLength(2);
  });
});

describe('the selection', () => {
  const page = ['a', 'b', 'c', 'd', 'e'];
  const ids = (selection: typeof none) => [...selection.ids].sort().join('');

  it('draws a range anew as one moves on', () => {
    const far = extend(toggle(none, 'b'), page, 'b', 'd');
    expect(ids(far)).toBe('bcd');
    expect(ids(extend(far, page, 'd', 'c'))).toBe('bc');
    expect(ids(extend(far, page, 'd', 'a'))).toBe('ab');
  });

  it('keeps what was picked before the range', () => expect(ids(extend(anchorAt(toggle(none, 'a'), 'c'), page, 'c', 'd'))).toBe('acd'));

  it('begins a range where one is when the anchor is on another page', () =>
    expect(ids(extend(toggle(none, 'z'), page, 'd', 'e'))).toBe('dez'));

  it('takes and leaves a page, and nothing of others', () => {
    expect(ids(selectPage(toggle(none, 'z'), page))).toBe('abcdez');
    expect(ids(unselectPage(selectPage(toggle(none, 'z'), page), page))).toBe('z');
  });
});
