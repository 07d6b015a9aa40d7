/**
 * What a page keeps while somebody is signed in, so that it is there again when one comes back from another page. It lives in this tab's memory and nowhere else, and so
 * may be personal data, such as a phone number that was searched for; it is gone after a reload, and for the next person.
 */
import { createContext, useCallback, useContext, useState } from 'react';

export const DeskContext = createContext<Map<string, unknown>>(new Map());

export function useDesk<T>(name: string, initial: T): [T, (value: T) => void] {
  const desk = useContext(DeskContext);
  const [value, setValue] = useState<T>(() => (desk.has(name) ? (desk.get(name) as T) : initial));
  const set = useCallback(
    (next: T) => {
      desk.set(name, next);
      setValue(next);
    },
    [desk, name],
  );
  return [value, set];
}
