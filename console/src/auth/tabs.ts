/**
 * The tabs of one browser tell each other who is signed in: a link that is opened in another tab asks nobody to sign in again. The token goes from tab to tab and stands in no
 * storage that outlasts them; only pages of this very origin hear of it. It goes with the last tab.
 */
import type { Grant } from './strategy';

export interface Tabs {
  /** Asks the others; null where none has a grant that still holds. */
  ask: () => Promise<Grant | null>;
  /** Gives the others this grant from now on, with null none. */
  answer: (grant: Grant | null) => void;
}

export const alone: Tabs = { ask: () => Promise.resolve(null), answer: () => undefined };

const NAME = 'qm-console.signed-in';
const WITHIN_MS = 1_000;

const holds = ({ expiresAt }: Grant): boolean => expiresAt === null || expiresAt > Date.now();

/** newTabs is for pages that the browser lets share a lock, which tells at once whether there is anybody to be asked: those of HTTPS, and of this machine. */
export function newTabs(): Tabs {
  if (!('locks' in navigator)) return alone;
  const channel = new BroadcastChannel(NAME);
  let mine: Grant | null = null;
  let letGo: (() => void) | undefined;
  channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (data === 'who?' && mine && holds(mine)) channel.postMessage(mine);
  });
  const answer = (grant: Grant | null) => {
    mine = grant;
    letGo?.();
    letGo = undefined;
    if (grant) void navigator.locks.request(NAME, { mode: 'shared' }, () => new Promise<void>((resolve) => (letGo = resolve)));
  };
  return { ask: async () => ((await isSomebodyThere()) ? heard(channel) : null), answer };
}

async function isSomebodyThere(): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === NAME);
}

function heard(channel: BroadcastChannel): Promise<Grant | null> {
  return new Promise((resolve) => {
    const listening = new AbortController();
    const end = (grant: Grant | null) => {
      listening.abort();
      resolve(grant);
    };
    channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => isGrant(data) && holds(data) && end(data), {
      signal: listening.signal,
    });
    setTimeout(end, WITHIN_MS, null);
    channel.postMessage('who?');
  });
}

const isGrant = (data: unknown): data is Grant => typeof data === 'object' && data !== null && 'accessToken' in data;
