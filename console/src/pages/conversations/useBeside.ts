/**
 * The conversation beside the table: which one, and where the focus goes as it comes and goes. On a screen that is too narrow for both, a conversation opens on a page of
 * its own; one that was opened before the window became narrow stands in the place of the table.
 */
import { useMediaQuery } from '@mantine/hooks';
import { useCallback, useRef } from 'react';
import { useNavigate } from 'react-router';
import { address } from '../conversation/address';
import type { Viewing } from './useView';

const ROOM_FOR_BOTH = '(min-width: 75em)';

export interface Beside {
  /** Null where none is open. */
  id: string | null;
  wide: boolean;
  /** Opens one and goes there. */
  open: (id: string) => void;
  /** Opens one only where there is room for both, and stays in the table. */
  look: (id: string) => void;
  close: () => void;
  moved: (to: string) => void;
  /** Takes the focus to the detail's heading where somebody went there. */
  arrive: (heading: HTMLElement | null) => void;
}

/** useBeside brings the focus home, to the row of an id, when the detail is closed. */
export function useBeside({ view: { open: id }, open }: Viewing, home: (id: string) => void): Beside {
  const wide = useMediaQuery(ROOM_FOR_BOTH, false, { getInitialValueInEffect: false });
  const navigate = useNavigate();
  const going = useRef(false);
  const look = (to: string) => {
    if (wide && to !== id) open(to);
  };
  const go = (to: string) => {
    if (!wide) return void navigate(address(to));
    going.current = true;
    open(to);
  };
  const close = () => {
    if (id !== null) home(id);
    open(null);
  };
  const arrive = useCallback((heading: HTMLElement | null) => {
    if (going.current) heading?.focus();
    going.current = false;
  }, []);
  const moved = useCallback((to: string) => open(to, true), [open]);
  return { id, wide, open: go, look, close, moved, arrive };
}
