/**
 * Who is signed in, and the one place that has the token. It renews the token silently where it can; where it cannot, it asks for the same person to
 * sign in again while the page, and whatever is waiting for a token, stays.
 */
import type { Grant, AuthStrategy } from './strategy';

export interface SessionState {
  /** Who is signed in, null where nobody is. */
  person: string | null;
  /** Whether the session has expired and the user must sign in again. */
  expired: boolean;
  /** Why signing in failed last. */
  problem: string | null;
}

const RENEW_BEFORE_MS = 30_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;
const LEAVE_WITHIN_MS = 2_000;

export class Session {
  #strategy: AuthStrategy;
  #grant: Grant | null = null;
  #state: SessionState = { person: null, expired: false, problem: null };
  #listeners = new Set<() => void>();
  #renewing: Promise<boolean> | null = null;
  #waiting: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #leaving = new Set<() => Promise<unknown>>();

  constructor(strategy: AuthStrategy) {
    this.#strategy = strategy;
  }

  /** state and subscribe are what React's useSyncExternalStore needs. */
  state = (): SessionState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** current is the token as it is now, "" where nobody is signed in. */
  get current(): string {
    return this.#grant?.accessToken ?? '';
  }

  /** token waits, if the session has expired, until the user has signed in again. */
  async token(): Promise<string> {
    if (this.#state.expired) await this.signedInAgain();
    return this.current;
  }

  /** refused is to be called where the server takes the token no longer; it waits for another one. */
  async refused(token: string): Promise<void> {
    if (token !== this.current) return; // it was renewed meanwhile
    if (await this.#renew()) return;
    this.#change({ expired: true });
    await this.signedInAgain();
  }

  async restore(): Promise<void> {
    await this.#attempt(() => this.#strategy.restore());
  }

  async signIn(key?: string): Promise<void> {
    await this.#attempt(() => this.#strategy.signIn(key));
  }

  async signInAgain(): Promise<void> {
    const before = this.#grant;
    if (before) await this.#attempt(() => this.#strategy.signInAgain(before));
  }

  /** beforeSignOut lets a page keep what is under way while the token is still good, until the function that it returns is called. */
  beforeSignOut(keep: () => Promise<unknown>): () => void {
    this.#leaving.add(keep);
    return () => void this.#leaving.delete(keep);
  }

  async signOut(): Promise<void> {
    if (this.#leaving.size > 0 && !this.#state.expired) await this.#leave();
    clearTimeout(this.#timer);
    this.#waiting = [];
    await this.#strategy.signOut().catch(() => undefined);
    this.#grant = null; // not earlier: the page is there until now, and would be refused without a token
    this.#change({ person: null, expired: false, problem: null });
  }

  /** #leave gives up after a while: who wants to leave gets away. */
  async #leave(): Promise<void> {
    const kept = Promise.allSettled([...this.#leaving].map((keep) => keep()));
    await Promise.race([kept, new Promise((resolve) => setTimeout(resolve, LEAVE_WITHIN_MS))]);
  }

  /** signedInAgain waits until the user has signed in again. */
  private signedInAgain(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async #attempt(get: () => Promise<Grant | null>): Promise<void> {
    try {
      const grant = await get();
      if (grant) this.#accept(grant);
    } catch (error) {
      this.#change({ problem: error instanceof Error ? error.message : String(error) });
    }
  }

  #accept(grant: Grant): void {
    this.#grant = grant;
    this.#watch(grant);
    this.#change({ person: grant.person, expired: false, problem: null });
    this.#waiting.splice(0).forEach((resolve) => resolve());
  }

  #watch({ expiresAt, renewable }: Grant): void {
    clearTimeout(this.#timer);
    if (expiresAt === null) return;
    const left = expiresAt - Date.now() - (renewable ? RENEW_BEFORE_MS : 0);
    this.#timer = setTimeout(() => void this.#end(), Math.min(Math.max(left, 0), LONGEST_TIMER_MS));
  }

  async #end(): Promise<void> {
    if (!(await this.#renew())) this.#change({ expired: true });
  }

  /** #renew runs once for everybody who asks meanwhile. */
  #renew(): Promise<boolean> {
    this.#renewing ??= this.#renewOnce().finally(() => (this.#renewing = null));
    return this.#renewing;
  }

  async #renewOnce(): Promise<boolean> {
    if (!this.#grant?.renewable) return false;
    const grant = await this.#strategy.renew(this.#grant);
    if (grant) this.#accept(grant);
    return grant !== null;
  }

  #change(part: Partial<SessionState>): void {
    this.#state = { ...this.#state, ...part };
    this.#listeners.forEach((listener) => listener());
  }
}
