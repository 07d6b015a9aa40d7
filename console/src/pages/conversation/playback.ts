/** What to do when a recording stops loading: pure, so that every case can be tried. */

/** Why a recording does not play. */
export type Problem = 'deleted' | 'missing' | 'unplayable' | 'unavailable' | 'offline';

export type Verdict = Problem | 'renew';

/** What MediaError tells: nothing to play came, or it cannot be understood. */
const UNDERSTOOD_NOTHING = [3, 4];

/**
 * verdictOf judges by what the server answers for the link, null where it cannot be reached or may not be asked. A link holds for some minutes only and answers 403 then: a
 * new one is needed. Where the server has nothing against the link, the connection broke off, or the browser cannot play such a file.
 */
export function verdictOf(status: number | null, mediaError: number | undefined): Verdict {
  switch (status) {
    case null:
      return 'offline';
    case 403:
      return 'renew';
    case 404:
      return 'missing';
    case 410:
      return 'deleted';
  }
  if (status >= 400) return 'unavailable';
  return UNDERSTOOD_NOTHING.includes(mediaError ?? 0) ? 'unplayable' : 'renew';
}

export const SAYS: Record<Problem, string> = {
  deleted: 'This recording was deleted while the page was open.',
  missing: 'This recording no longer exists, or you no longer have access to it.',
  unplayable: 'This browser cannot play this type of recording.',
  unavailable: 'The recording could not be loaded. It still exists; try again later.',
  offline: 'The server cannot be reached. Playback continues when the connection is back.',
};

export const AGAIN_AFTER_MS = 60_000;

/** A new link that failed at once is not followed by another one: only where it played on meanwhile, or some time has passed. */
export const mayRenew = (now: number, last: { at: number; played: boolean } | null): boolean =>
  last === null || last.played || now - last.at >= AGAIN_AFTER_MS;
