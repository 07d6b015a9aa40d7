/**
 * After anonymizing, no old value may be left in this page. useForget returns the function that sees to it: every answer that was kept is dropped,
 * every page on view shows nothing of it from then on, and asks the server anew.
 */
import { createContext, useContext } from 'react';

export interface Memory {
  /** Counts how often everything was forgotten; answers of an earlier epoch are not shown. */
  epoch: number;
  forget: () => void;
}

export const MemoryContext = createContext<Memory>({ epoch: 0, forget: () => undefined });

export const useForget = (): (() => void) => useContext(MemoryContext).forget;
