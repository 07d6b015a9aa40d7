/**
 * When two recordings that run together have to be moved: pure, so that every case can be tried. They need not have begun at once: shift is by how much the place of the
 * other one is greater than that of one. Below zero it has not begun yet.
 */
import { isAtEnd, type Place } from './place';

/** What of a recording matters here. */
export type State = Pick<HTMLMediaElement, 'currentTime' | 'duration' | 'paused' | 'seeking' | 'readyState'>;

/** Two places that nobody could tell apart. */
const SAME = 0.05;

/** moveTo is where the other one has to be moved when one was, null where it can stay. Where one is longer, the shorter one waits at its end and says nothing of the rest. */
export function moveTo(one: State, other: State, shift: number): number | null {
  if (one.readyState === 0 || other.readyState === 0) return null; // it takes the other's place once it has loaded
  const due = one.currentTime + shift;
  if (isAtEnd(one) && other.currentTime >= due) return null;
  const to = Math.max(0, Number.isFinite(other.duration) ? Math.min(due, other.duration) : due);
  return Math.abs(other.currentTime - to) > SAME ? to : null;
}

/** isEarly tells that the other one has not begun where one is: it waits at its beginning. */
export const isEarly = (one: Pick<State, 'currentTime'>, shift: number): boolean => one.currentTime + shift < -SAME;

/**
 * besides is where one goes on that was away: where the other one is by now, so that the other need not wait or go back. What is left after the other's end, it plays alone; an
 * end that the other came to meanwhile begins nothing anew; and one that waits for its beginning says nothing of where the other is. Shift is by how much its own place is the greater one.
 */
export function besides(own: Place, other: State, its: Place, shift: number): Place {
  if (other.readyState === 0 || (isAtEnd(other) && own.seconds >= other.currentTime + shift)) return own;
  if (!its.playing && its.seconds === 0 && own.seconds <= shift) return { ...own, rate: its.rate }; // the other one has yet to begin
  return { ...its, seconds: Math.max(0, its.seconds + shift), playing: its.playing && !isEarly(other, shift) };
}

/** A pause holds for both, but not that at the end; nor that of a picture that a browser does not play on out of sight. */
export const pausesBoth = (one: State, outOfSight: boolean): boolean => !isAtEnd(one) && !outOfSight;

/** Further apart than this, lips and words no longer agree. */
const ADRIFT = 0.3;

const ENOUGH = 3; // HTMLMediaElement.HAVE_FUTURE_DATA

const flows = ({ paused, seeking, readyState }: State) => !paused && !seeking && readyState >= ENOUGH;

/** isAdrift compares two recordings while both play; one that waits for data is left to get it first. */
export const isAdrift = (sound: State, screen: State, shift: number): boolean =>
  flows(sound) && flows(screen) && Math.abs(screen.currentTime - (sound.currentTime + shift)) > ADRIFT;

/** When drift was last corrected, and how often in vain since both were last in sync. */
export interface Correction {
  at: number;
  inVain: number;
}

export const NEVER: Correction = { at: -Infinity, inVain: 0 };

const REST_MS = 2_000;
const DOUBLINGS = 5;

/** Where moving takes so long that it leaves them apart again, moving at every chance would only stutter: each try waits twice as long. */
export const mayCorrect = (now: number, { at, inVain }: Correction): boolean => now - at >= REST_MS * 2 ** Math.min(inVain, DOUBLINGS);
