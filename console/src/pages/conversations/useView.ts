/** The view as the address has it, and the search as this page's memory has it. */
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { useSearchParams } from 'react-router';
import { usePageState, useDropped } from '../../api/pageState';
import type { ApiError } from '../../api/errors';
import { isNothing, nothing, type Search } from './search';
import { everything, formatView, parseView, type View } from './view';

export interface Viewing {
  view: View;
  search: Search;
  /** Another filter or order begins at its first page. */
  show: (change: Partial<View>) => void;
  find: (search: Search) => void;
  clear: () => void;
  /** Goes to the first page in place of this one, so that one does not come back to it. */
  firstPage: () => void;
  /** Shows a conversation beside the table, or with null none. */
  open: (id: string | null, replace?: boolean) => void;
  /** The search was taken away after anonymizing; seen says that somebody has taken notice. */
  dropped: boolean;
  seen: () => void;
}

const SEARCH = 'conversations.search';

const FIRST_PAGE = { after: null, before: null };

export function useView(): Viewing {
  const [params, setParams] = useSearchParams();
  const [search, setSearch] = usePageState<Search>(SEARCH, nothing);
  const [dropped, seen] = useDropped(SEARCH);
  const view = useMemo(() => parseView(params), [params]);
  // What was asked for last: the address follows a little later, and a change that comes before it must not undo the one before.
  const wanted = useRef(view);
  useEffect(() => void (wanted.current = view), [view]);
  const go = useCallback(
    (next: View, replace = false) => {
      wanted.current = next;
      setParams(formatView(next), { replace });
    },
    [setParams],
  );
  const show = useCallback((change: Partial<View>) => go({ ...wanted.current, ...FIRST_PAGE, ...change }), [go]);
  const find = useCallback(
    (next: Search) => {
      setSearch(isNothing(next) ? nothing : next);
      const { after, before } = wanted.current;
      if (after !== null || before !== null) go({ ...wanted.current, ...FIRST_PAGE });
    },
    [setSearch, go],
  );
  const clear = useCallback(() => {
    setSearch(nothing);
    const { order, size, open: shown } = wanted.current;
    go({ ...everything, order, size, open: shown });
  }, [setSearch, go]);
  const firstPage = useCallback(() => go({ ...wanted.current, ...FIRST_PAGE }, true), [go]);
  const open = useCallback((id: string | null, replace?: boolean) => go({ ...wanted.current, open: id }, replace), [go]);
  return { view, search, show, find, clear, firstPage, open, dropped, seen };
}

/** useFirstPageInstead goes to the first page where an address came with a cursor that the server does not take: it is of another order, or of an older console. */
export function useFirstPageInstead(error: ApiError | undefined, { firstPage }: Viewing): void {
  const stale = error?.kind === 'invalid' && (error.argument === 'after' || error.argument === 'before');
  useEffect(() => {
    if (stale) firstPage();
  }, [stale, firstPage]);
}
