import { describe, expect, it, vi } from 'vitest';
import { Session } from './session';
import type { Grant, AuthStrategy } from './strategy';

const grant = (accessToken: string, more: Partial<Grant> = {}): Grant => ({
  person: 'ann',
  accessToken,
  expiresAt: null,
  renewable: false,
  ...more,
});

function strategy(parts: Partial<AuthStrategy> = {}): AuthStrategy {
  return {
    restore: () => Promise.resolve(null),
    signIn: () => Promise.resolve(grant('first')),
    signInAgain: () => Promise.resolve(grant('again')),
    renew: () => Promise.resolve(null),
    signOut: () => Promise.resolve(),
    ...parts,
  };
}

async function signedIn(parts: Partial<AuthStrategy> = {}): Promise<Session> {
  const session = new Session(strategy(parts));
  await session.signIn();
  return session;
}

describe('Session', () => {
  it('has nobody at first, and whoever was there before a reload', async () => {
    const session = new Session(strategy({ restore: () => Promise.resolve(grant('kept')) }));
    expect(session.state().person).toBeNull();
    await session.restore();
    expect([session.state().person, session.current]).toEqual(['ann', 'kept']);
  });

  it('holds who needs a token until somebody has signed in again', async () => {
    const session = await signedIn();
    const waiting = session.refused('first').then(() => session.token());
    await vi.waitFor(() => expect(session.state().expired).toBe(true));
    await session.signInAgain();
    expect(await waiting).toBe('again');
    expect(session.state().expired).toBe(false);
  });

  it('renews silently where it can, once for everybody', async () => {
    const renew = vi.fn(() => Promise.resolve(grant('renewed', { renewable: true })));
    const session = await signedIn({ signIn: () => Promise.resolve(grant('first', { renewable: true })), renew });
    await Promise.all([session.refused('first'), session.refused('first')]);
    expect(renew).toHaveBeenCalledOnce();
    expect([session.current, session.state().expired]).toEqual(['renewed', false]);
  });

  it('does nothing about a token that was replaced meanwhile', async () => {
    const session = await signedIn();
    await session.refused('an older one');
    expect(session.state().expired).toBe(false);
  });

  it('notices that time is over', async () => {
    vi.useFakeTimers();
    const session = await signedIn({ signIn: () => Promise.resolve(grant('first', { expiresAt: Date.now() + 1000 })) });
    await vi.advanceTimersByTimeAsync(1001);
    expect(session.state().expired).toBe(true);
    vi.useRealTimers();
  });

  it('says why signing in failed, and forgets it afterwards', async () => {
    const signIn = vi.fn(() => Promise.resolve(grant('first')));
    signIn.mockRejectedValueOnce(new Error('popup was closed'));
    const session = new Session(strategy({ signIn }));
    await session.signIn();
    expect(session.state()).toEqual({ person: null, expired: false, problem: 'popup was closed' });
    await session.signIn();
    expect(session.state().problem).toBeNull();
  });

  it('has the token for as long as the page is there while one signs out', async () => {
    let leave = () => undefined as void;
    const session = await signedIn({ signOut: () => new Promise((resolve) => (leave = resolve)) });
    const leaving = session.signOut();
    expect([session.state().person, await session.token()]).toEqual(['ann', 'first']);
    leave();
    await leaving;
    expect([session.state().person, session.current]).toEqual([null, '']);
  });

  it('forgets the token when one signs out, even where the provider does not answer', async () => {
    const session = await signedIn({ signOut: () => Promise.reject(new Error('away')) });
    await session.signOut();
    expect([session.current, session.state().person]).toEqual(['', null]);
  });

  it('lets a page keep what is under way before the token is gone', async () => {
    const session = await signedIn();
    let sentWith = '';
    const keep = vi.fn(() => Promise.resolve(void (sentWith = session.current)));
    const forget = session.beforeSignOut(keep);
    await session.signOut();
    expect(sentWith).not.toBe('');
    forget();
    await session.signOut();
    expect(keep).toHaveBeenCalledOnce();
  });
});
