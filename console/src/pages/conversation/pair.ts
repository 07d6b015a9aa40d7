/**
 * Lets the sound and the screen of a call run together. Each passes on only what differs in the other, so that nothing goes back and forth. Drift
 * is corrected by moving the screen: a jump in the sound would be heard.
 */
import { isAtEnd, placeOf, start, type Place } from './place';
import { movesOf, type Media, type Moves } from './moves';
import { besides, isAdrift, isEarly, mayCorrect, NEVER, pausesBoth } from './together';

export interface Pair {
  /** Lets them run apart again. */
  part: () => void;
  /** Where one of them is to go on that was away. */
  placeFor: (media: Media, own: Place) => Place;
}

/**
 * runTogether is for a screen that begins lag seconds after the sound, or before it where that is negative. A screen's own sound would be a second voice just behind the
 * first: it is off until a person turns it on, or lets them run apart.
 */
export function runTogether(sound: Media, screen: Media, lag = 0): Pair {
  const apart = new AbortController();
  const { muted } = screen;
  const moves = movesOf(apart.signal, sound, screen, lag);
  screen.muted = true;
  if (isThere(sound) && isThere(screen)) meet(sound, screen, moves);
  passOn(sound, screen, moves, apart.signal);
  passOn(screen, sound, moves, apart.signal);
  correctDrift(sound, screen, moves, apart.signal);
  const part = () => {
    apart.abort();
    screen.muted = muted;
  };
  return { part, placeFor: (media, own) => moves.expect(media, placeBeside(media, own, media === sound ? screen : sound, moves)) };
}

function placeBeside(media: Media, own: Place, other: Media, { shiftOf, hold }: Moves): Place {
  if (!isThere(other)) return own;
  hold(media, isEarly(other, shiftOf(media)));
  return besides(own, other, placeOf(other), shiftOf(media));
}

/** meet begins with both at the same place: that of the one that plays. */
function meet(sound: Media, screen: Media, moves: Moves): void {
  if (sound.paused && !screen.paused) bring(screen, sound, moves);
  else bring(sound, screen, moves);
}

function passOn(one: Media, other: Media, moves: Moves, signal: AbortSignal): void {
  const on = (event: string, tell: () => void) => one.addEventListener(event, () => isThere(one) && isThere(other) && tell(), { signal });
  on('play', () => (other.paused || moves.isHeld(one)) && bring(one, other, moves)); // a user who starts one that waits wants its beginning
  on('timeupdate', () => moves.isHeld(other) && !one.paused && bring(one, other, moves));
  on(
    'pause',
    () => one.paused && !moves.isHeld(one) && pausesBoth(one, document.hidden && one instanceof HTMLVideoElement) && other.pause(),
  );
  on('ratechange', () => hasten(one, other));
  on('seeking', () => !moves.expected(one) && bring(one, other, moves));
}

/** bring gets the other one to where one is; if either plays, both do, also the one that had come to its end, and not one that has yet to begin. */
function bring(one: Media, other: Media, { move, hold, isHeld, shiftOf }: Moves): void {
  move(one, other);
  hasten(one, other);
  hold(one, false);
  hold(other, isEarly(one, shiftOf(other)));
  if (!one.paused || !other.paused) [one, other].filter((media) => media.paused && !isAtEnd(media) && !isHeld(media)).forEach(start);
}

/** hasten gives the other one the same speed; one that is only being loaded has the usual one, whatever it is going to have. */
function hasten(one: Media, other: Media): void {
  if (one.readyState > 0 && other.playbackRate !== one.playbackRate) other.playbackRate = one.playbackRate;
}

function correctDrift(sound: Media, screen: Media, { move, shiftOf }: Moves, signal: AbortSignal): void {
  let last = NEVER;
  const correct = () => {
    if (!isAdrift(sound, screen, shiftOf(screen))) last = { ...last, inVain: sound.seeking || screen.seeking ? last.inVain : 0 };
    else if (mayCorrect(performance.now(), last)) {
      last = { at: performance.now(), inVain: last.inVain + 1 };
      move(sound, screen);
    }
  };
  sound.addEventListener('timeupdate', correct, { signal });
}

/** One that failed, or has no link just now, is left alone and says nothing (Chromium pauses what has failed): it comes back later. */
const isThere = ({ error, networkState }: Media): boolean =>
  error === null && networkState !== HTMLMediaElement.NETWORK_EMPTY && networkState !== HTMLMediaElement.NETWORK_NO_SOURCE;
