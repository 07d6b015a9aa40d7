/** A page of conversations, with how many there are in all, as the view and the question want them. */
import { useMemo } from 'react';
import { useApiQuery } from '../../api/useApiQuery';
import { COUNT, FILTER_KEYS, LIST, toVariables } from './listing';
import { useFollowed } from './useFollowed';
import type { Question } from './useQuestion';
import type { View } from './view';

export function useListing(view: View, { filter, backwards }: Question) {
  const variables = toVariables(view, filter);
  const list = useApiQuery(LIST, { variables, pause: backwards });
  const count = useApiQuery(COUNT, { variables: { filter }, pause: backwards });
  const again = () => {
    list.refetch();
    count.refetch();
  };
  const key = JSON.stringify(variables);
  const { page, drop } = useFollowed(list, key, again);
  const total = count.data?.conversations.totalCount ?? (count.error ? ('failed' as const) : undefined);
  return { key, page, drop, again, backwards, error: list.error, fetching: list.fetching, total };
}

export type Listing = ReturnType<typeof useListing>;

/** useFilterKeys tells the metadata keys by which conversations can be found, undefined until they are known. */
export function useFilterKeys(): string[] | undefined {
  const keys = useApiQuery(FILTER_KEYS).data?.metadataKeys;
  return useMemo(() => keys?.filter(({ isFilterKey }) => isFilterKey).map(({ key }) => key), [keys]);
}
