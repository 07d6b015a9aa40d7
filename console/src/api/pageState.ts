/**
 * What a page keeps while somebody is signed in, so that it is there again when one comes back from another page. It lives in this tab's memory and nowhere else, and so
 * may be personal data, such as a phone number that was searched for; it is gone after a reload, for the next person, and after anonymizing.
 */
import { createContext, useCallback, useContext, useSyncExternalStore } from 'react';

export class PageState {
  private readonly values = new Map<string, unknown>();
  private readonly dropped = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private drops = 0;

  get = (name: string): unknown => this.values.get(name);

  /** Undefined takes it away. */
  set(name: string, value: unknown): void {
    this.dropped.delete(name);
    if (value === undefined) this.values.delete(name);
    else this.values.set(name, value);
    this.tell();
  }

  /** drop takes everything away, since it may be what was removed just now. */
  drop = (): void => {
    for (const name of this.values.keys()) this.dropped.add(name);
    this.values.clear();
    this.drops++;
    this.tell();
  };

  timesDropped = (): number => this.drops;

  wasDropped = (name: string): boolean => this.dropped.has(name);

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  private tell(): void {
    this.listeners.forEach((listener) => listener());
  }
}

export const PageStateContext = createContext(new PageState());

/** usePageState is a state that outlasts the page. Initial has to be the same each time; setting it leaves nothing behind. */
export function usePageState<T>(name: string, initial: T): [T, (value: T) => void] {
  const pageState = useContext(PageStateContext);
  const kept = useSyncExternalStore(pageState.subscribe, () => pageState.get(name)) as T | undefined;
  const set = useCallback((next: T) => pageState.set(name, next === initial ? undefined : next), [pageState, name, initial]);
  return [kept ?? initial, set];
}

/** useDropped tells whether something was taken away by drop, and nothing was put in its place; and the function that says that somebody has taken notice. */
export function useDropped(name: string): [boolean, () => void] {
  const pageState = useContext(PageStateContext);
  const dropped = useSyncExternalStore(pageState.subscribe, () => pageState.wasDropped(name));
  return [dropped, useCallback(() => pageState.set(name, undefined), [pageState, name])];
}

/** useDrops counts how often everything was taken away, for what was typed and is not stored yet. */
export function useDrops(): number {
  const pageState = useContext(PageStateContext);
  return useSyncExternalStore(pageState.subscribe, pageState.timesDropped);
}
