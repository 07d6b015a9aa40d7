/**
 * Lets the sound and the screen of a call run together. Each tells the other only what differs there; so what one was told makes it tell nothing back. Drift
 * is mended by moving the screen: a jump in the sound would be heard.
 */
import { isAtEnd, placeOf, start, type Place } from './place';
import { besides, isAdrift, mayMend, moveTo, NEVER, pausesBoth } from './together';

type Media = HTMLMediaElement;

export interface Pair {
  /** Lets them run apart again. */
  part: () => void;
  /** Where one of them is to go on that was away. */
  placeFor: (media: Media, own: Place) => Place;
}

/** A screen's own sound would be a second voice just behind the first: it is off until a person turns it on, or lets them run apart. */
export function runTogether(sound: Media, screen: Media): Pair {
  const apart = new AbortController();
  const { muted } = screen;
  const moves = movesOf(apart.signal, sound, screen);
  screen.muted = true;
  if (isThere(sound) && isThere(screen)) meet(sound, screen, moves);
  passOn(sound, screen, moves, apart.signal);
  passOn(screen, sound, moves, apart.signal);
  mendDrift(sound, screen, moves, apart.signal);
  const part = () => {
    apart.abort();
    screen.muted = muted;
  };
  return { part, placeFor: (media, own) => moves.expect(media, placeBeside(own, media === sound ? screen : sound)) };
}

const placeBeside = (own: Place, other: Media): Place => (isThere(other) ? besides(own, other, placeOf(other)) : own);

/** meet begins with both at the same place: that of the one that plays. */
function meet(sound: Media, screen: Media, moves: Moves): void {
  if (sound.paused && !screen.paused) bring(screen, sound, moves);
  else bring(sound, screen, moves);
}

/** Moves are remembered until what was moved has arrived: that it is seeking is then no news to the other one. */
interface Moves {
  move: (one: Media, other: Media) => void;
  expect: (media: Media, place: Place) => Place;
  expected: (media: Media) => boolean;
}

function movesOf(signal: AbortSignal, ...both: Media[]): Moves {
  const asked = new Map<Media, number>();
  for (const media of both) media.addEventListener('seeked', () => asked.delete(media), { signal });
  const move = (one: Media, other: Media) => {
    const to = moveTo(one, other);
    if (to === null) return;
    asked.set(other, to);
    other.currentTime = to;
  };
  const expect = (media: Media, place: Place) => {
    if (place.seconds > 0) asked.set(media, place.seconds); // at its beginning it stays where it is
    return place;
  };
  return { move, expect, expected: (media) => Math.abs(media.currentTime - (asked.get(media) ?? Infinity)) < 0.01 };
}

function passOn(one: Media, other: Media, moves: Moves, signal: AbortSignal): void {
  const on = (event: string, tell: () => void) => one.addEventListener(event, () => isThere(one) && isThere(other) && tell(), { signal });
  on('play', () => other.paused && bring(one, other, moves));
  on('pause', () => one.paused && pausesBoth(one, document.hidden && one instanceof HTMLVideoElement) && other.pause());
  on('ratechange', () => hasten(one, other));
  on('seeking', () => !moves.expected(one) && bring(one, other, moves));
}

/** bring gets the other one to where one is; if either plays, both do, also the one that had come to its end. */
function bring(one: Media, other: Media, { move }: Moves): void {
  move(one, other);
  hasten(one, other);
  if (!one.paused || !other.paused) [one, other].filter((media) => media.paused && !isAtEnd(media)).forEach(start);
}

/** hasten gives the other one the same speed; one that is only being loaded has the usual one, whatever it is going to have. */
function hasten(one: Media, other: Media): void {
  if (one.readyState > 0 && other.playbackRate !== one.playbackRate) other.playbackRate = one.playbackRate;
}

function mendDrift(sound: Media, screen: Media, { move }: Moves, signal: AbortSignal): void {
  let last = NEVER;
  const mend = () => {
    if (!isAdrift(sound, screen)) last = { ...last, inVain: sound.seeking || screen.seeking ? last.inVain : 0 };
    else if (mayMend(performance.now(), last)) {
      last = { at: performance.now(), inVain: last.inVain + 1 };
      move(sound, screen);
    }
  };
  sound.addEventListener('timeupdate', mend, { signal });
}

/** One that failed, or has no link just now, is left alone and says nothing (Chromium pauses what has failed): it comes back by itself. */
const isThere = ({ error, networkState }: Media): boolean =>
  error === null && networkState !== HTMLMediaElement.NETWORK_EMPTY && networkState !== HTMLMediaElement.NETWORK_NO_SOURCE;
