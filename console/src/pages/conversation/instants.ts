/** Where in a recording the turns of a transcript are: pure, so that every case can be tried. */
import { twoDigits } from '../../ui/format';

/** instantOf is when something was said, in seconds from the beginning of the call; null where that is not known, or was before it. */
export function instantOf(sentAt: string | null | undefined, startedAt: string): number | null {
  const seconds = sentAt ? (Date.parse(sentAt) - Date.parse(startedAt)) / 1000 : NaN;
  return seconds >= 0 ? seconds : null;
}

/** A browser may stop a little before the place that it was asked for. */
const SHORT_OF = 0.05;

/** turnAt is the index of the turn that is heard at a place: the latest that has begun, -1 where none has. Turns need not be in order. */
export function turnAt(instants: (number | null)[], seconds: number | null): number {
  let found = -1;
  instants.forEach((instant, at) => {
    if (seconds === null || instant === null || instant > seconds + SHORT_OF) return;
    if (instant >= (instants[found] ?? -1)) found = at;
  });
  return found;
}

/** clockOf says a place as players do: "1:05", "1:01:05". */
export function clockOf(seconds: number): string {
  const whole = Math.floor(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${twoDigits(whole % 60)}` : `${minutes}:${twoDigits(whole % 60)}`;
}
