/** The messages of a segment by pages. The first one came with the conversation; later ones are asked for when somebody wants more. */
import { useContext, useEffect, useMemo, useReducer, useState } from 'react';
import { useClient } from 'urql';
import { toApiError, type ApiError } from '../../api/errors';
import { MemoryContext } from '../../api/forget';
import type { MessageKind } from '../../api/generated/graphql';
import { MORE, type Message, type MessagePage } from './query';

export interface Messages {
  /** Those of the pages that are here, in order. */
  shown: Message[];
  /** How many there are, as far as the server counts. */
  total: number;
  hasMore: boolean;
  fetching: boolean;
  error: ApiError | undefined;
  /** Asks for the next page, or again for one that failed. */
  more: () => void;
}

interface Later {
  /** Whose pages they are, and what was forgotten before: what belongs to another one is not shown. */
  of: string;
  first: MessagePage;
  pages: MessagePage[];
  error: ApiError | undefined;
}

interface Of {
  id: string;
  kinds: MessageKind[];
  /** When the conversation was anonymized last: what was read before is not shown any more. */
  anonymizedAt: string | undefined;
}

/** useMessages asks for later pages anew when the first one is answered anew; until then the earlier answers stay on view. */
export function useMessages(first: MessagePage, { id, kinds, anonymizedAt }: Of): Messages {
  const client = useClient();
  const { epoch } = useContext(MemoryContext);
  const of = `${epoch} ${id} ${anonymizedAt}`;
  const [later, setLater] = useState<Later>({ of, first, pages: [], error: undefined });
  const [wanted, setWanted] = useState({ of, pages: 0 });
  const [attempt, again] = useReducer((times: number) => times + 1, 0);
  const known = later.of === of ? later : undefined;
  const count = wanted.of === of ? wanted.pages : 0;
  useEffect(() => {
    if (count === 0) return;
    let current = true;
    const load = async () => {
      const pages = known?.first === first ? [...known.pages] : [];
      for (let last = pages.at(-1) ?? first; pages.length < count && last.pageInfo.hasNextPage; last = pages.at(-1)!) {
        const variables = { id, after: last.pageInfo.endCursor, kinds };
        const { data, error } = await client.query(MORE, variables, { requestPolicy: 'network-only' }).toPromise();
        if (!current) return;
        const node = data?.node;
        if (error) return setLater((was) => ({ ...was, error: toApiError(error) }));
        if (!node || !('messages' in node)) break;
        pages.push(node.messages);
      }
      if (current) setLater({ of, first, pages, error: undefined });
    };
    void load();
    return () => {
      current = false;
    };
    // What is known decides where to begin, and not when.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [client, of, first, count, attempt]);
  const pages = useMemo(() => [first, ...(known?.pages ?? [])], [first, known?.pages]);
  const shown = useMemo(() => pages.flatMap(({ nodes }) => nodes), [pages]);
  const hasMore = pages.at(-1)!.pageInfo.hasNextPage;
  return {
    shown,
    total: first.totalCount,
    hasMore,
    fetching: hasMore && pages.length <= count && !known?.error,
    error: known?.error,
    more: () => (known?.error ? again() : setWanted({ of, pages: pages.length })),
  };
}
