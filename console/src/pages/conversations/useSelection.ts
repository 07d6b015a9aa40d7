/** Which conversations are selected on this page. */
import { useState } from 'react';
import { none, type Selection } from './selection';
import type { Viewing } from './useView';

/** useSelection lasts from page to page; with other filters on it would hold what one does not see. */
export function useSelection({ view, search }: Viewing) {
  const [selection, setSelection] = useState<Selection>(none);
  const filters = JSON.stringify({ ...view, after: null, before: null, order: null, size: null, open: null, search });
  const [seen, setSeen] = useState(filters);
  if (seen !== filters) {
    setSeen(filters);
    setSelection(none);
  }
  return [selection, setSelection] as const;
}
