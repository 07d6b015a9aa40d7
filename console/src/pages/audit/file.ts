/** Hands a file over to the browser's downloads. */
import type { Filter } from './filter';
import { isoDate } from '../../ui/format';

/** fileName has the dates of the period; one without a beginning begins with its oldest event. */
export function fileName({ period, from, to }: Filter, begin: string | null, oldest: string | null, now: number): string {
  const open = period === 'all' || (period === 'custom' && from === null);
  const first = open ? oldest : begin;
  const last = isoDate(to ? new Date(Date.parse(to) - 1) : new Date(now));
  return `audit-log-${first ? `${isoDate(new Date(first))}-to-` : 'until-'}${last}.csv`;
}

export function save(lines: string[], name: string): void {
  const address = URL.createObjectURL(new Blob(lines, { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
