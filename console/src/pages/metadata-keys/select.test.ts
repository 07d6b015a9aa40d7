import { describe, expect, it } from 'vitest';
import { PAGE_SIZE, pageOf, select } from './select';

const key = (name: string, isFilterKey = false, isCorrelationKey = false) => ({
  key: name,
  isFilterKey,
  isCorrelationKey,
  firstSeenAt: '',
});
const keys = [key('crm.Customer', false, true), key('crm.iban'), key('routing.queue', true)];

describe('select', () => {
  it('finds by part of the name, whatever the case, and by use', () => {
    expect(select(keys, ' CUSTOM ', 'all')).toEqual([keys[0]]);
    expect(select(keys, '', 'filter')).toEqual([keys[2]]);
    expect(select(keys, 'crm', 'correlation')).toEqual([keys[0]]);
  });
});

describe('pageOf', () => {
  it('stays within the list', () => {
    const list = Array.from({ length: PAGE_SIZE + 1 }, (_, at) => at);
    expect(pageOf(list, 2)).toEqual({ shown: [PAGE_SIZE], page: 2, pages: 2 });
    expect(pageOf(list.slice(1), 2).page).toBe(1);
    expect(pageOf([], 1)).toEqual({ shown: [], page: 1, pages: 1 });
  });
});
