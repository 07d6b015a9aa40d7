/** Whether the server can be reached, as the last request found it. */
import { useSyncExternalStore } from 'react';

let reachable = true;
const listeners = new Set<() => void>();

function set(now: boolean): void {
  if (now === reachable) return;
  reachable = now;
  listeners.forEach((listener) => listener());
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** watchedFetch is fetch that notices whether the server answers. */
export const watchedFetch: typeof fetch = async (...request) => {
  try {
    const answer = await fetch(...request);
    set(answer.status < 502 || answer.status > 504); // what a proxy answers for a server that is away
    return answer;
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'AbortError')) set(false);
    throw error;
  }
};

/** tryAgain asks whether the server is there again; pages whose query failed then repeat it. */
export async function tryAgain(): Promise<void> {
  await watchedFetch('/healthz', { cache: 'no-store' }).catch(() => undefined);
}

export const useReachable = (): boolean => useSyncExternalStore(subscribe, () => reachable);

window.addEventListener('offline', () => set(false));
window.addEventListener('online', () => void tryAgain());
