/**
 * The question that the person asks by the filters and the search. All that is shown as an answer to it, or is chosen from one, belongs to it: the list, the number, what is
 * selected, and the dialog. With another question it is gone.
 */
import { useMemo, useState } from 'react';
import type { ConversationFilter } from '../../api/generated/graphql';
import { toFilter } from './listing';
import { none, type Selection } from './selection';
import type { Viewing } from './useView';

export interface Question {
  filter: ConversationFilter;
  /** Equal for equal filters only. */
  key: string;
  /** The end lies before the beginning: it is not asked. */
  backwards: boolean;
}

export function useQuestion({ view, search }: Viewing): Question {
  const day = new Date().toDateString(); // periods move at midnight
  return useMemo(() => {
    const filter = toFilter(view, search, new Date());
    const backwards = view.from !== null && view.to !== null && view.from > view.to;
    return { filter, key: JSON.stringify(filter), backwards };
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [view, search, day]);
}

/** useFor is a state that lasts as long as the question: from page to page, and in whichever order. */
export function useFor<T>({ key }: Question, initial: T): [T, (value: T) => void] {
  const [held, hold] = useState({ key, value: initial });
  const now = held.key === key ? held : { key, value: initial };
  if (now !== held) hold(now); // what comes back to the question later finds it gone
  return [now.value, (value) => hold({ key, value })];
}

/** useSelection tells which conversations are selected. */
export const useSelection = (question: Question) => useFor<Selection>(question, none);

export interface Dialog {
  opened: boolean;
  open: () => void;
  close: () => void;
  /** It was done: the result is shown, also where the search that led there is gone. */
  done: () => void;
}

export function useDialog(question: Question): Dialog {
  const [asking, setAsking] = useFor(question, false);
  const [done, setDone] = useState(false);
  return {
    opened: done || asking,
    open: () => setAsking(true),
    close: () => {
      setDone(false);
      setAsking(false);
    },
    done: () => setDone(true),
  };
}
