/** Which part of the log is on view: the filter and the place stand in the address, the user that was picked only in memory. */
import { useEffect, useRef, useState } from 'react';
import { useLocation, useNavigate, useNavigationType, useSearchParams } from 'react-router';
import type { ApiError } from '../../api/errors';
import { useViewer } from '../../auth/viewer';
import type { AuditUser } from '../../audit/events';
import { paramsOf, parseFilter, type Filter } from './filter';

export interface View {
  filter: Filter;
  understood: boolean;
  user: AuditUser | null;
  /** The cursor that the page begins after, null for the newest events. */
  after: string | null;
  /** Whether the page before this one is known. An address that was passed on does not tell it. */
  hasNewer: boolean;
  change: (part: Partial<Filter>) => void;
  pickUser: (user: AuditUser | null) => void;
  clear: () => void;
  older: (cursor: string) => void;
  newer: () => void;
  /** In place of this page, where one is not to come back to it. */
  newest: (replace?: boolean) => void;
}

/** The cursors of the pages before, newest first; "" is the first page. They are opaque, so the browser's history may keep them. */
interface Trail {
  trail?: string[];
}

export function useAuditView(): View {
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const { trail = [] } = (useLocation().state ?? {}) as Trail;
  const [user, pickUser] = useUserFilter();
  const { filter, understood } = parseFilter(params);
  const after = params.get('after');
  // What was asked for last: the address follows a little later, and a change that comes before it must not undo the one before.
  const wanted = useRef(filter);
  useEffect(() => void (wanted.current = parseFilter(params).filter), [params]);
  const go = (to: Filter, cursor: string, state: Trail, replace = false) => {
    wanted.current = to;
    const search = paramsOf(to);
    if (cursor) search.set('after', cursor);
    void navigate({ search: search.toString() }, { state, replace });
  };
  const pick = (next: AuditUser | null) => {
    pickUser(next);
    if (after) go(filter, '', {});
  };
  const clear = () => {
    pickUser(null);
    void navigate({ search: '' });
  };
  return {
    filter,
    understood,
    user,
    after,
    hasNewer: trail.length > 0,
    change: (part) => go({ ...wanted.current, ...part }, '', {}),
    pickUser: pick,
    clear,
    older: (cursor) => go(filter, cursor, { trail: [...trail, after ?? ''] }),
    newer: () => go(filter, trail.at(-1) ?? '', { trail: trail.slice(0, -1) }),
    newest: (replace = false) => go(filter, '', {}, replace),
  };
}

/** useNewestInstead goes to the newest events where an address came with a cursor that the server does not take. */
export function useNewestInstead(error: ApiError | undefined, { newest }: View): void {
  const stale = error?.kind === 'invalid' && error.argument === 'after';
  useEffect(() => {
    if (stale) newest(true);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- it is another function each time
  }, [stale]);
}

let left: { viewer: string; user: AuditUser } | null = null;

/** useUserFilter keeps the user while one looks at a conversation and comes back, for the same viewer, and until the console is reloaded. */
function useUserFilter(): [AuditUser | null, (user: AuditUser | null) => void] {
  const viewer = useViewer().userId;
  const back = (useNavigationType() as string) === 'POP';
  const [user, setUser] = useState(() => (back && left?.viewer === viewer ? left.user : null));
  const pick = (next: AuditUser | null) => {
    left = next && { viewer, user: next };
    setUser(next);
  };
  return [user, pick];
}
