/** What is brought into view: the beginning of a page that is new, and the row whose conversation was opened. */
import { useEffect, useRef, type RefObject } from 'react';

/** useInView is given what the rows answer, which row is open, and whether they are there. */
export function useInView(table: RefObject<HTMLTableElement | null>, question: string, open: string | null, there: boolean): void {
  const before = useRef(question);
  useEffect(() => {
    if (before.current === question) return;
    before.current = question;
    toTop(table.current!);
  }, [table, question]);
  // The list is laid out anew beside a conversation, with rows of another height.
  useEffect(() => {
    if (open !== null && there) table.current?.querySelector(`[data-id="${CSS.escape(open)}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [table, open, there]);
}

/** toTop shows the first rows. Where the head of the table is on view, the window stays: the filters above it may be in use. */
function toTop(table: HTMLTableElement): void {
  const head = table.tHead!;
  table.parentElement!.scrollTop = 0;
  const hidden = parseFloat(getComputedStyle(head).scrollMarginTop);
  if (head.getBoundingClientRect().top < hidden) head.scrollIntoView();
}
