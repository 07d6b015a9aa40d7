/** What two recordings that run together have to know of each other: how far apart they began, where each was sent, and which of them has yet to begin. */
import type { Place } from './place';
import { moveTo } from './together';

export type Media = HTMLMediaElement;

/** Moves are remembered until what was moved has arrived: that it is seeking is then no news to the other one. */
export interface Moves {
  move: (one: Media, other: Media) => void;
  expect: (media: Media, place: Place) => Place;
  expected: (media: Media) => boolean;
  /** By how much the place of one is greater than that of the other. */
  shiftOf: (media: Media) => number;
  /** One that has yet to begin is held at its beginning, and its pause is no news either. */
  hold: (media: Media, early: boolean) => void;
  isHeld: (media: Media) => boolean;
}

/** movesOf is for a screen that begins lag seconds after the sound. */
export function movesOf(signal: AbortSignal, sound: Media, screen: Media, lag: number): Moves {
  const asked = new Map<Media, number>();
  for (const media of [sound, screen]) media.addEventListener('seeked', () => asked.delete(media), { signal });
  const shiftOf = (media: Media) => (media === screen ? -lag : lag);
  const move = (one: Media, other: Media) => {
    const to = moveTo(one, other, shiftOf(other));
    if (to === null) return;
    asked.set(other, to);
    other.currentTime = to;
  };
  const expect = (media: Media, place: Place) => {
    if (place.seconds > 0) asked.set(media, place.seconds); // at its beginning it stays where it is
    return place;
  };
  const expected = (media: Media) => Math.abs(media.currentTime - (asked.get(media) ?? Infinity)) < 0.01;
  return { move, expect, expected, shiftOf, ...holding() };
}

function holding(): Pick<Moves, 'hold' | 'isHeld'> {
  const held = new Set<Media>();
  const hold = (media: Media, early: boolean) => {
    if (early) {
      held.add(media);
      media.pause();
    } else held.delete(media);
  };
  return { hold, isHeld: (media) => held.has(media) };
}
