/**
 * Keeps a draft at the server, where it survives a reload and is the same in GraphiQL: after a short pause, and at once when one leaves. One request runs at a
 * time, so that they arrive in order.
 */
import type { ApiError } from '../../api/errors';
import { NOTHING, type Edit } from './draft';

const PAUSE_MS = 700;

/** An edit, and the version that it was made upon; null where nothing is kept at all. */
export interface Kept {
  edit: Edit;
  base: number | null;
}

export interface KeeperApi {
  /** Both answer what went wrong, if anything did. */
  stage: (values: Edit) => Promise<ApiError | undefined>;
  reset: () => Promise<ApiError | undefined>;
}

export type KeeperState = { status: 'kept' | 'waiting' } | { status: 'failed'; error: ApiError };

export class Keeper {
  #api: KeeperApi;
  #kept: Kept;
  #wanted: Kept;
  #state: KeeperState = { status: 'kept' };
  #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #running: Promise<boolean> | null = null;

  constructor(api: KeeperApi, kept: Kept) {
    this.#api = api;
    this.#kept = this.#wanted = kept;
  }

  /** state and subscribe are what React's useSyncExternalStore needs. */
  state = (): KeeperState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** use is called with the latest way to the API. */
  use(api: KeeperApi): void {
    this.#api = api;
  }

  /** want is called with each edit; it is kept soon. */
  want(wanted: Kept): void {
    this.#wanted = wanted;
    clearTimeout(this.#timer);
    if (this.#isKept()) return this.#change({ status: 'kept' });
    this.#change({ status: 'waiting' });
    this.#timer = setTimeout(() => void this.flush(), PAUSE_MS);
  }

  /** usedUp is called when the server has thrown the draft away: it was saved or reset. */
  usedUp(): void {
    this.#kept = { edit: NOTHING, base: null };
    this.want(this.#kept);
  }

  /** flush keeps what is wanted now, and tells whether that went well. */
  flush = (): Promise<boolean> => {
    clearTimeout(this.#timer);
    this.#running ??= this.#keep().finally(() => (this.#running = null));
    return this.#running.then((well) => (well && !this.#isKept() ? this.flush() : well));
  };

  /** quiet ends the pause, and waits for what is under way. */
  async quiet(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #keep(): Promise<boolean> {
    while (!this.#isKept()) {
      const wanted = this.#wanted;
      const error = await this.#send(wanted);
      if (error) {
        this.#change({ status: 'failed', error });
        return false;
      }
      this.#kept = { ...wanted, base: wanted.edit.size > 0 ? wanted.base : null };
    }
    clearTimeout(this.#timer);
    this.#change({ status: 'kept' });
    return true;
  }

  /** #send starts anew where the edit stands upon another version: the server remembers the one at which the draft was begun. */
  async #send({ edit, base }: Kept): Promise<ApiError | undefined> {
    if (this.#kept.base !== null && this.#kept.base !== base) {
      const error = await this.#api.reset();
      if (error) return error;
      this.#kept = { edit: NOTHING, base: null };
    }
    const back = [...this.#kept.edit].filter(([id]) => !edit.has(id)).map(([id, on]) => [id, !on] as const);
    const values = new Map([...back, ...edit]);
    return values.size > 0 ? this.#api.stage(values) : undefined;
  }

  #isKept(): boolean {
    const { edit, base } = this.#wanted;
    const same = edit.size === this.#kept.edit.size && [...edit].every(([id, on]) => this.#kept.edit.get(id) === on);
    return same && (edit.size === 0 || base === this.#kept.base);
  }

  #change(state: KeeperState): void {
    this.#state = state;
    this.#listeners.forEach((listener) => listener());
  }
}
