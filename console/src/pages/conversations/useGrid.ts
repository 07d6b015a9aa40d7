/**
 * Moving through the rows and selecting them, by keyboard and mouse: arrows, Home and End move, Space selects, Shift with either makes a range, Ctrl+A selects the page,
 * Enter opens, and so does a click where the detail stands beside the table. The whole table listens, so that the rows need no handlers of their own.
 */
import { useState, type KeyboardEvent, type MouseEvent } from 'react';
import { isDialogOpen } from '../../ui/openDialog';
import type { Beside } from './useBeside';
import { anchorAt, extend, hasAll, none, selectPage, toggle, unselectPage, type Selection } from './selection';

interface Options {
  page: string[];
  selection: Selection;
  /** Undefined where there is nothing to select for. */
  onSelect: ((selection: Selection) => void) | undefined;
  detail: Beside;
}

export function useGrid({ page, selection, onSelect, detail }: Options) {
  const [wanted, setActive] = useState<string>();
  const active = wanted !== undefined && page.includes(wanted) ? wanted : page[0];

  const move = (table: HTMLElement, to: string | undefined, from: string, range: boolean) => {
    if (to === undefined) return;
    setActive(to);
    table.querySelector<HTMLElement>(`[data-id="${CSS.escape(to)}"]`)?.focus();
    if (range) onSelect?.(extend(selection, page, from, to));
  };

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const id = rowOf(event);
    if (id === undefined) return;
    const target = destination(event.key, page.indexOf(id), page.length);
    if (target !== undefined) move(event.currentTarget, page[target], id, event.shiftKey);
    else if (event.key === 'Enter' && !event.ctrlKey) detail.open(id);
    else if (event.key === ' ') onSelect?.(event.shiftKey ? extend(selection, page, id, id) : toggle(selection, id));
    else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) onSelect?.(selectPage(selection, page));
    else if (event.key === 'Escape' && isDialogOpen()) return;
    else if (event.key === 'Escape' && selection.ids.size > 0) onSelect?.(none);
    else if (event.key === 'Escape' && detail.id !== null) detail.close();
    else return;
    event.preventDefault();
  };

  const onClick = (event: MouseEvent<HTMLElement>) => {
    const id = rowOf(event);
    if (id === undefined || (event.target as Element).closest('a')) return;
    setActive(id);
    const box = event.target instanceof HTMLInputElement ? event.target : undefined;
    box?.closest<HTMLElement>('[data-id]')?.focus(); // Space goes on from here as from the row
    const picks = box !== undefined || event.ctrlKey || event.metaKey;
    if (event.shiftKey) onSelect?.(extend(selection, page, active ?? id, id));
    else onSelect?.(picks ? toggle(selection, id) : anchorAt(selection, id));
    if (!picks && !event.shiftKey && !isMarking()) detail.look(id);
  };

  /** The link of a row leads to the conversation's own page, for another tab; where there is room the plain click opens it beside the table. */
  const onClickCapture = (event: MouseEvent<HTMLElement>) => {
    const id = rowOf(event);
    if (id === undefined || !detail.wide || !(event.target as Element).closest('a') || opensElsewhere(event)) return;
    event.preventDefault();
    setActive(id);
    detail.look(id);
  };

  const onFocus = (event: React.FocusEvent<HTMLElement>) => setActive((before) => rowOf(event) ?? before);
  const all = hasAll(selection, page);
  const toggleAll = () => onSelect?.(all ? unselectPage(selection, page) : selectPage(selection, page));
  return { active, all, toggleAll, handlers: { onKeyDown, onClick, onClickCapture, onFocus } };
}

const rowOf = ({ target }: { target: EventTarget }): string | undefined =>
  (target as Element).closest<HTMLElement>('[data-id]')?.dataset.id;

const opensElsewhere = ({ ctrlKey, metaKey, shiftKey, altKey }: MouseEvent): boolean => ctrlKey || metaKey || shiftKey || altKey;

/** isMarking tells that a text of the row was marked, to be copied. */
const isMarking = (): boolean => document.getSelection()?.isCollapsed === false;

function destination(key: string, at: number, length: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return Math.min(at + 1, length - 1);
    case 'ArrowUp':
      return Math.max(at - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return length - 1;
  }
}
