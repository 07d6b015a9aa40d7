/** Plays a recording over links that expire: when one has, the next one goes on at the same place. */
import { useEffect, useEffectEvent, useRef, useState, type RefObject } from 'react';
import { tryAgain, useReachable } from '../../api/connection';
import { load, note, type Place } from './place';
import { mayRenew, verdictOf, type Problem } from './playback';

interface Options {
  /** The link that came with the conversation. Later ones are for the same file: changing over to them would interrupt. */
  first: string;
  /** Gets a new link; null where there is none any more. */
  renew: () => Promise<string | null>;
  /** Where it goes on, when it was here: another recording that runs together with it may have gone on meanwhile. */
  goOn: (element: HTMLMediaElement, here: Place) => Place;
}

export interface Playback {
  media: RefObject<HTMLMediaElement | null>;
  problem: Problem | null;
  /** Tries anew, at the same place. */
  retry: () => void;
  onError: () => void;
  onTimeUpdate: () => void;
  onStalled: () => void;
}

export function usePlayback({ first, renew, goOn }: Options): Playback {
  const media = useRef<HTMLMediaElement>(null);
  const place = useRef<Place>({ seconds: 0, playing: false, rate: 1 });
  const renewal = useRef<{ at: number; played: boolean }>(null);
  const [link, setLink] = useState({ url: first });
  const [problem, setProblem] = useState<Problem | null>(null);

  const from = useEffectEvent(() => goOn(media.current!, place.current));
  useEffect(() => load(media.current!, link.url, () => from()), [link]);

  const renewLink = async () => {
    renewal.current = { at: Date.now(), played: false };
    const url = await renew();
    if (url) setLink({ url });
    else setProblem('missing');
  };
  const onError = async () => {
    const element = media.current;
    if (!element) return;
    note(element, place.current);
    const verdict = verdictOf(await statusOf(link.url), element.error?.code);
    if (verdict !== 'renew') setProblem(verdict);
    else if (mayRenew(Date.now(), renewal.current)) await renewLink();
    else setProblem('unavailable');
  };
  const retry = () => {
    setProblem(null);
    void renewLink();
  };
  const onTimeUpdate = () => {
    if (renewal.current && media.current!.currentTime > place.current.seconds) renewal.current.played = true;
  };
  useWhenBack(() => {
    const starved =
      media.current!.networkState === HTMLMediaElement.NETWORK_LOADING && media.current!.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
    if (problem === null && starved) note(media.current!, place.current);
    if (problem === 'offline' || (problem === null && starved)) retry();
  });
  // A browser tries for half a minute before it reports a lost connection: whether the server is there is found out sooner.
  const onStalled = () => void tryAgain();
  return { media, problem, retry, onError: () => void onError(), onTimeUpdate, onStalled };
}

/** statusOf asks what the server says to the link, null where it does not answer. */
async function statusOf(url: string): Promise<number | null> {
  if (new URL(url, location.href).origin !== location.origin) return 403; // another host may not be asked; a new link tells as much
  try {
    return (await fetch(url, { method: 'HEAD', cache: 'no-store' })).status;
  } catch {
    await tryAgain(); // so that every page learns that the server is away
    return null;
  }
}

/** useWhenBack runs when the server, which was away, is there again. */
function useWhenBack(run: () => void): void {
  const reachable = useReachable();
  const away = useRef(false);
  const back = useEffectEvent(run);
  useEffect(() => {
    if (reachable && away.current) back();
    away.current = !reachable;
  }, [reachable]);
}
