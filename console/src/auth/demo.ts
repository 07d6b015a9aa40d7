/**
 * Signing in to the demo: a person is picked, and the server makes a token. The token is kept for this tab (sessionStorage), so that a reload keeps
 * it; another tab of the same browser, such as that of a link that was opened there, gets it from one that has it.
 */
import type { DemoConfig } from './config';
import { alone, type Tabs } from './tabs';
import type { Grant, AuthStrategy } from './strategy';

const STORED = 'qm-console.demo';

export function demoStrategy({ tokenUrl }: DemoConfig, storage: Storage = sessionStorage, tabs: Tabs = alone): AuthStrategy {
  const keep = (grant: Grant): Grant => {
    storage.setItem(STORED, JSON.stringify(grant));
    tabs.answer(grant);
    return grant;
  };
  const signIn = async (key = ''): Promise<Grant> => {
    const answer = await fetch(`${tokenUrl}?as=${encodeURIComponent(key)}`, { method: 'POST' });
    if (!answer.ok) throw new Error(`Sign-in failed (status ${answer.status}).`);
    const { accessToken } = (await answer.json()) as { accessToken: string };
    return keep({ person: key, accessToken, expiresAt: expiryOf(accessToken, Date.now()), renewable: false });
  };
  return {
    signIn,
    restore: async () => {
      const kept = (JSON.parse(storage.getItem(STORED) ?? 'null') as Grant | null) ?? (await tabs.ask());
      return kept && keep(kept);
    },
    signInAgain: (before) => signIn(before.person),
    renew: () => Promise.resolve(null),
    signOut: () => {
      tabs.answer(null);
      return Promise.resolve(storage.removeItem(STORED));
    },
  };
}

/** expiryOf reads how long a JWT lasts from now on. Only the length counts, since the server's clock may differ from this machine's. */
export function expiryOf(token: string, now: number): number | null {
  try {
    const payload = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const { iat, exp } = JSON.parse(atob(payload)) as { iat: unknown; exp: unknown };
    return typeof iat === 'number' && typeof exp === 'number' ? now + (exp - iat) * 1000 : null;
  } catch {
    return null;
  }
}
