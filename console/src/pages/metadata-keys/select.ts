/** Which keys of the list are shown. */
import type { MetadataKey } from './operations';

export const KINDS = { all: 'All keys', filter: 'Filters', correlation: 'Correlation keys' } as const;

export type Kind = keyof typeof KINDS;

export const PAGE_SIZE = 25;

const IS: Record<Kind, (key: MetadataKey) => boolean> = {
  all: () => true,
  filter: ({ isFilterKey }) => isFilterKey,
  correlation: ({ isCorrelationKey }) => isCorrelationKey,
};

export function select(keys: MetadataKey[], search: string, kind: Kind): MetadataKey[] {
  const wanted = search.trim().toLowerCase();
  return keys.filter((key) => IS[kind](key) && key.key.toLowerCase().includes(wanted));
}

/** pageOf returns a page of a list; a page beyond the end is the last one, since a list can become shorter under one's hands. */
export function pageOf<T>(list: T[], wanted: number): { shown: T[]; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(list.length / PAGE_SIZE));
  const page = Math.min(Math.max(wanted, 1), pages);
  return { shown: list.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE), page, pages };
}
