/** Code that cannot be loaded: after an update of the server, what this page was built of is no longer there. */
import { tryAgain, watchedFetch } from './connection';

const STORED = 'qm-console.updated';

/** The script that this page began with, whose name has a hash of what is in it. */
const entry = (): string => document.querySelector<HTMLScriptElement>('script[type=module][src]')?.getAttribute('src') ?? '';

/**
 * reloadedForUpdate finds out whether the server has another console by now, and loads that one. It does so once for each console that it came
 * from, so that servers that disagree do not send a browser back and forth. False leaves it to the person.
 */
export async function reloadedForUpdate(): Promise<boolean> {
  const came = (sessionStorage.getItem(STORED) ?? '').split(' ');
  if (!(await wasUpdated()) || came.includes(entry())) return false;
  sessionStorage.setItem(STORED, [...came, entry()].join(' ').trim());
  location.reload();
  return true;
}

async function wasUpdated(): Promise<boolean> {
  try {
    const answer = await watchedFetch('/', { cache: 'no-store' });
    return answer.ok && !(await answer.text()).includes(entry());
  } catch {
    return false;
  }
}

/** reload loads the page anew, unless that would leave nothing but what a browser says of a server that is away. */
export async function reload(): Promise<void> {
  if (await tryAgain()) location.reload();
}
