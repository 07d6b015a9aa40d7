/**
 * What somebody has chosen and not saved, and what becomes of it when somebody else saves meanwhile. All of it is plain values; useDraft.ts keeps them.
 */
import { itemsOf, type Item } from './items';
import type { Settings } from './operations';

/** One version of the settings. */
export interface Saved {
  version: number;
  savedAt: string | null;
  savedBy: string | null;
  items: Item[];
}

/** The switches that were moved, with their new positions. */
export type Edit = ReadonlyMap<string, boolean>;

export interface Change {
  item: Item;
  from: boolean;
  to: boolean;
}

export interface Draft {
  /** What the edit was made upon. */
  base: Saved;
  /** What is in force: another version than base while it is to be decided what becomes of the edit. */
  current: Saved;
  edit: Edit;
  /** What somebody else has saved, and is on view already. */
  news: { saved: Saved; changes: Change[] } | null;
}

export const NOTHING: Edit = new Map();

export function savedOf({ version, savedAt, savedBy, ...switches }: Settings): Saved {
  return { version, savedAt: savedAt ?? null, savedBy: savedBy ?? null, items: itemsOf(switches) };
}

const positions = (items: Item[]): Map<string, boolean> => new Map(items.map(({ id, on }) => [id, on]));

/** editBetween names the switches that stand differently. */
export function editBetween(from: Item[], to: Item[]): Edit {
  const before = positions(from);
  return new Map(to.filter(({ id, on }) => on !== (before.get(id) ?? on)).map(({ id, on }) => [id, on]));
}

/** shownItems are the items as they are arranged now, in the positions that the edit was made upon. */
export function shownItems({ base, current }: Draft): Item[] {
  if (base === current) return current.items;
  const on = positions(base.items);
  return current.items.map((item) => ({ ...item, on: on.get(item.id) ?? item.on }));
}

export function changesOf(items: Item[], edit: Edit): Change[] {
  return items.filter(({ id, on }) => (edit.get(id) ?? on) !== on).map((item) => ({ item, from: item.on, to: !item.on }));
}

/** moved returns the edit with some switches in another position; one that is back where it was is in it no longer. */
export function moved(draft: Draft, ids: ReadonlySet<string>, on: boolean): Draft {
  const edit = new Map(draft.edit);
  for (const item of shownItems(draft)) {
    if (!ids.has(item.id)) continue;
    if (item.on === on) edit.delete(item.id);
    else edit.set(item.id, on);
  }
  return { ...draft, edit };
}

/** arrived takes in the settings as the server has them now. Where there is nothing of one's own they are simply shown; else one's own edit stays as it is. */
export function arrived(draft: Draft, saved: Saved): Draft {
  if (saved.version < draft.current.version) return draft; // an older answer that came late
  const next = { ...draft, current: saved };
  if (draft.base.version === saved.version) return { ...next, base: saved };
  return differences(next).some(({ movedBy }) => movedBy === 'me') ? next : upon(saved, NOTHING, newsOf(draft, saved));
}

const newsOf = ({ base }: Draft, saved: Saved) => ({ saved, changes: changesOf(base.items, editBetween(base.items, saved.items)) });

/** upon is a draft made upon the settings in force. */
export function upon(saved: Saved, edit: Edit = NOTHING, news: Draft['news'] = null): Draft {
  return { base: saved, current: saved, edit, news };
}

export const inConflict = ({ base, current }: Draft): boolean => base.version !== current.version;

/** A switch that stands differently in the settings in force and in one's own selection. */
export interface Difference {
  item: Item;
  theirs: boolean;
  mine: boolean;
  movedBy: 'them' | 'me';
}

/** differences are what is to be decided. A switch has two positions: what both have moved stands the same, and needs no decision. */
export function differences({ base, current, edit }: Draft): Difference[] {
  const before = positions(base.items);
  return current.items.flatMap((item) => {
    const mine = edit.get(item.id) ?? before.get(item.id) ?? item.on;
    return mine === item.on ? [] : [{ item, theirs: item.on, mine, movedBy: edit.has(item.id) ? ('me' as const) : ('them' as const) }];
  });
}

/** settled is the draft once it is decided whose position stands, upon the settings in force. */
export function settled(draft: Draft, mine: ReadonlySet<string>): Draft {
  const kept = differences(draft).filter(({ item }) => mine.has(item.id));
  return upon(draft.current, new Map(kept.map(({ item, mine }) => [item.id, mine])));
}
