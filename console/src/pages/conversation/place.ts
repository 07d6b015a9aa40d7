/** Where a recording stands: what the next link goes on from. The link is set here and not by React, so that what was loaded goes with it at once. */

export interface Place {
  seconds: number;
  playing: boolean;
  rate: number;
}

export const placeOf = ({ currentTime, paused, playbackRate }: HTMLMediaElement): Place => ({
  seconds: currentTime,
  playing: !paused,
  rate: playbackRate,
});

/** load sets the link and goes on at the place that holds once it can; what it returns stops, and lets go of all that was loaded. */
export function load(element: HTMLMediaElement, url: string, from: () => Place): () => void {
  const resume = () => {
    const { seconds, playing, rate } = from();
    if (seconds > 0) element.currentTime = seconds;
    element.playbackRate = rate;
    if (playing && !isAtEnd(element)) start(element);
  };
  element.addEventListener('loadedmetadata', resume, { once: true });
  element.src = url;
  return () => {
    element.removeEventListener('loadedmetadata', resume);
    element.pause();
    element.removeAttribute('src');
    element.load();
  };
}

/** note writes down where it was; what failed before it began has not moved. */
export function note(element: HTMLMediaElement, place: Place): void {
  if (element.readyState === HTMLMediaElement.HAVE_NOTHING && element.currentTime === 0) {
    place.playing ||= !element.paused;
    return;
  }
  Object.assign(place, placeOf(element));
}

/** start plays; the browser may want a person to press the button. */
export const start = (element: HTMLMediaElement): void => void element.play().catch(() => undefined);

/** So close to its end nothing is left to play, and play() would begin anew. */
const LAST = 0.05;

/** isAtEnd is false where the length is not known. */
export const isAtEnd = ({ currentTime, duration }: Pick<HTMLMediaElement, 'currentTime' | 'duration'>): boolean =>
  currentTime >= duration - LAST;
