/** Whether the server can be reached: as the last request found it, and while it cannot, by asking again and again. */
import { useSyncExternalStore } from 'react';

let reachable = true;
const listeners = new Set<() => void>();

/** Every delay before the server is asked again; the last one repeats. */
const AGAIN_AFTER_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

let timer: ReturnType<typeof setTimeout> | undefined;

function set(now: boolean): void {
  if (now === reachable) return;
  reachable = now;
  clearTimeout(timer);
  if (!now) askAgain();
  listeners.forEach((listener) => listener());
}

/** askAgain asks until the server is there again; it is not asked before it was away. */
function askAgain(times = 0): void {
  timer = setTimeout(
    async () => {
      await tryAgain();
      if (!reachable) askAgain(times + 1);
    },
    AGAIN_AFTER_MS[Math.min(times, AGAIN_AFTER_MS.length - 1)],
  );
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** watchedFetch is fetch that notices whether the server answers. */
export const watchedFetch: typeof fetch = async (...request) => {
  try {
    const answer = await fetch(...request);
    set(!isFromProxy(answer));
    return answer;
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'AbortError')) set(false);
    throw error;
  }
};

/** isFromProxy tells what a proxy answers for a server that is away from what the server itself says of its database. */
const isFromProxy = ({ status, headers }: Response): boolean =>
  status >= 502 && status <= 504 && !/json/.test(headers.get('Content-Type') ?? '');

/** tryAgain asks whether the server is there again, and tells; pages whose query failed then repeat it. */
export async function tryAgain(): Promise<boolean> {
  await watchedFetch('/healthz', { cache: 'no-store' }).catch(() => undefined);
  return reachable;
}

export const useReachable = (): boolean => useSyncExternalStore(subscribe, () => reachable);

window.addEventListener('offline', () => set(false));
window.addEventListener('online', () => void tryAgain());
