/** Which conversations are selected. A range reaches from the anchor (what was picked last) to where one is, and is drawn anew as one moves on. */
export interface Selection {
  ids: ReadonlySet<string>;
  /** What was selected when the anchor was set. */
  base: ReadonlySet<string>;
  anchor: string | null;
}

export const none: Selection = { ids: new Set(), base: new Set(), anchor: null };

export function toggle({ ids }: Selection, id: string): Selection {
  const next = new Set(ids);
  if (!next.delete(id)) next.add(id);
  return { ids: next, base: next, anchor: id };
}

/** anchorAt is for going to a row without selecting it. */
export const anchorAt = ({ ids }: Selection, id: string): Selection => ({ ids, base: ids, anchor: id });

/** extend selects everything between the anchor and a row of the page. */
export function extend(selection: Selection, page: string[], from: string, to: string): Selection {
  const anchor = selection.anchor !== null && page.includes(selection.anchor) ? selection.anchor : from;
  const [a, b] = [page.indexOf(anchor), page.indexOf(to)].toSorted((x, y) => x - y) as [number, number];
  return { ids: new Set([...selection.base, ...page.slice(a, b + 1)]), base: selection.base, anchor };
}

export const hasAll = ({ ids }: Selection, page: string[]): boolean => page.length > 0 && page.every((id) => ids.has(id));

export function selectPage({ ids, anchor }: Selection, page: string[]): Selection {
  const next = new Set([...ids, ...page]);
  return { ids: next, base: next, anchor };
}

export function unselectPage({ ids, anchor }: Selection, page: string[]): Selection {
  const next = new Set([...ids].filter((id) => !page.includes(id)));
  return { ids: next, base: next, anchor };
}
