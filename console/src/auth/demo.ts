/** Signing in to the demo: a person is picked, and the server makes a token. The token is kept for this tab (sessionStorage), so that a reload keeps it. */
import type { DemoConfig } from './config';
import type { Grant, Way } from './way';

const STORED = 'qm-console.demo';

export function demoWay({ tokenUrl }: DemoConfig, storage: Storage = sessionStorage): Way {
  const signIn = async (key = ''): Promise<Grant> => {
    const answer = await fetch(`${tokenUrl}?as=${encodeURIComponent(key)}`, { method: 'POST' });
    if (!answer.ok) throw new Error(`Signing in failed: the server answered ${answer.status}.`);
    const { accessToken } = (await answer.json()) as { accessToken: string };
    const grant = { person: key, accessToken, expiresAt: expiryOf(accessToken, Date.now()), renewable: false };
    storage.setItem(STORED, JSON.stringify(grant));
    return grant;
  };
  return {
    signIn,
    restore: () => Promise.resolve(JSON.parse(storage.getItem(STORED) ?? 'null') as Grant | null),
    signInAgain: (before) => signIn(before.person),
    renew: () => Promise.resolve(null),
    signOut: () => Promise.resolve(storage.removeItem(STORED)),
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
