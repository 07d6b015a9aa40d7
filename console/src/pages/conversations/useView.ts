/** The view as the address has it, and the search as this page's memory has it. */
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { useSearchParams } from 'react-router';
import { useDesk } from '../../api/desk';
import { nothing, type Search } from './search';
import { everything, formatView, parseView, type View } from './view';

export interface Viewing {
  view: View;
  search: Search;
  /** Another filter or order begins at its first page. */
  show: (change: Partial<View>) => void;
  find: (search: Search) => void;
  clear: () => void;
}

const FIRST_PAGE = { after: null, before: null };

export function useView(): Viewing {
  const [params, setParams] = useSearchParams();
  const [search, setSearch] = useDesk<Search>('conversations.search', nothing);
  const view = useMemo(() => parseView(params), [params]);
  // What was asked for last: the address follows a little later, and a change that comes before it must not undo the one before.
  const wanted = useRef(view);
  useEffect(() => void (wanted.current = view), [view]);
  const go = useCallback(
    (next: View) => {
      wanted.current = next;
      setParams(formatView(next));
    },
    [setParams],
  );
  const show = useCallback((change: Partial<View>) => go({ ...wanted.current, ...FIRST_PAGE, ...change }), [go]);
  const find = useCallback(
    (next: Search) => {
      setSearch(next);
      if (view.after !== null || view.before !== null) go({ ...view, ...FIRST_PAGE });
    },
    [setSearch, go, view],
  );
  const clear = useCallback(() => {
    setSearch(nothing);
    go({ ...everything, order: view.order, size: view.size });
  }, [setSearch, go, view]);
  return { view, search, show, find, clear };
}
