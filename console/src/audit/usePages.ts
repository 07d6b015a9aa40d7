/** Pages of a list that are read one after the other, each when somebody asks for it. */
import { useEffect, useState } from 'react';
import { useClient, type TypedDocumentNode } from 'urql';
import { toApiError, type ApiError } from '../api/errors';

export interface PageOf<Item> {
  nodes: Item[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

export interface Pages<Item> {
  items: Item[];
  hasMore: boolean;
  fetching: boolean;
  error: ApiError | undefined;
  /** Reads the next page, or the one that failed again. */
  more: () => void;
}

interface Variables {
  id: string;
  first: number;
  after: string | null;
}

interface State<Item> {
  items: Item[];
  after: string | null;
  hasMore: boolean;
  fetching: boolean;
  error: ApiError | undefined;
}

/** usePages reads the first page at once, and again each time that the thing whose list it is (of) has changed. */
export function usePages<Data, Item>(
  query: TypedDocumentNode<Data, Variables>,
  id: string,
  size: number,
  pageOf: (data: Data) => PageOf<Item> | null | undefined,
  of?: unknown,
): Pages<Item> {
  const client = useClient();
  const [asked, setAsked] = useState<{ after: string | null; times: number; of: unknown }>({ after: null, times: 0, of });
  const after = asked.of === of ? asked.after : null;
  const [state, setState] = useState<State<Item>>({ items: [], after: null, hasMore: false, fetching: true, error: undefined });
  useEffect(() => {
    let left = false;
    void client.query(query, { id, first: size, after }, { requestPolicy: 'network-only' }).then(({ data, error }) => {
      if (left) return;
      const page = data && pageOf(data);
      if (error || !page) {
        const failed = error ? toApiError(error) : undefined;
        setState((last) => ({ ...last, fetching: false, error: failed }));
        return;
      }
      setState((last) => ({
        items: after === null ? page.nodes : [...last.items, ...page.nodes],
        after: page.pageInfo.endCursor,
        hasMore: page.pageInfo.hasNextPage,
        fetching: false,
        error: undefined,
      }));
    });
    return () => {
      left = true;
    };
    // eslint-disable-next-line react-hooks/exhaustive-deps -- pageOf is another function each time
  }, [client, query, id, size, asked, after, of]);
  const more = () => {
    setState((last) => ({ ...last, fetching: true }));
    setAsked(({ times }) => ({ after: state.after, times: times + 1, of }));
  };
  const { items, hasMore, fetching, error } = state;
  return { items, hasMore, fetching, error, more };
}
