/** A page of conversations, with how many there are in all, as the view and the search want them. */
import { useMemo } from 'react';
import { useApiQuery } from '../../api/useApiQuery';
import { COUNT, FILTER_KEYS, LIST, toFilter, toVariables } from './listing';
import type { Search } from './search';
import { useFollowed } from './useFollowed';
import type { View } from './view';

export function useListing(view: View, search: Search) {
  const day = new Date().toDateString(); // periods move at midnight
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const filter = useMemo(() => toFilter(view, search, new Date()), [view, search, day]);
  const pause = view.from !== null && view.to !== null && view.from > view.to;
  const list = useApiQuery(LIST, { variables: toVariables(view, filter), pause });
  const count = useApiQuery(COUNT, { variables: { filter }, pause });
  const again = () => {
    list.refetch();
    count.refetch();
  };
  const { page, drop } = useFollowed(list, again);
  return { page, drop, again, backwards: pause, error: list.error, fetching: list.fetching, total: count.data?.conversations.totalCount };
}

export type Listing = ReturnType<typeof useListing>;

/** useFilterKeys tells the metadata keys by which conversations can be found, undefined until they are known. */
export function useFilterKeys(): string[] | undefined {
  const keys = useApiQuery(FILTER_KEYS).data?.metadataKeys;
  return useMemo(() => keys?.filter(({ isFilterKey }) => isFilterKey).map(({ key }) => key), [keys]);
}
