/** Where the focus goes when what had it is gone. */
import { useCallback, useEffect, useRef, type RefObject } from 'react';

/**
 * useHoming returns the function that brings the focus to the table, to a row or to where it was there, once the dialog is closed and the rows are there again: what had
 * the focus is gone.
 */
export function useHoming(table: RefObject<HTMLTableElement | null>, closed: boolean): (id?: string) => void {
  const wanted = useRef<string>(null);
  useEffect(() => {
    if (wanted.current === null || !closed) return;
    const row = (which: string) => table.current?.querySelector<HTMLElement>(which);
    const found = row(`[data-id="${CSS.escape(wanted.current)}"]`) ?? row('[data-id][tabindex="0"]');
    if (!found) return;
    wanted.current = null;
    found.focus();
  });
  return useCallback((id = '') => void (wanted.current = id), []);
}
