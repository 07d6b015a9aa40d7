/** How the console says numbers, lengths of time and points in time. Numbers stand in English sentences; times are in the language and the zone of the viewer. */

const number = new Intl.NumberFormat('en');
const plural = new Intl.PluralRules('en');

export const numeral = (count: number): string => number.format(count);

/** counted says how many of something: "1 phone number", "1,200 phone numbers". */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${numeral(count)} ${plural.select(count) === 'one' ? one : many}`;

/** How far the server counts where it is not told otherwise. */
const COUNTED = 10_000;

/** atLeast says a total that the server may have stopped counting: "300", "10,000+". */
export const atLeast = (total: number): string => `${numeral(total)}${total >= COUNTED ? '+' : ''}`;

// Intl.DurationFormat is in none of the browsers that the console began with, and not in Node 20.
const UNITS = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const;

/** duration says a length of time in its two largest units: "1 h 39 min", "2 d", "0 s". */
export function duration(seconds: number): string {
  let left = Math.round(seconds);
  const parts = UNITS.map(([size, unit]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return { count, unit };
  });
  const first = parts.findIndex(({ count }) => count > 0);
  if (first < 0) return '0 s';
  const said = parts.slice(first, first + 2).filter(({ count }) => count > 0);
  return said.map(({ count, unit }) => `${count} ${unit}`).join(' ');
}

/** durationOr says a length of time that may not be known: what takes no half second was not measured. */
export const durationOr = (seconds: number, unknown = 'Unknown'): string => (seconds >= 0.5 ? duration(seconds) : unknown);

function formatter(options: Intl.DateTimeFormatOptions): (time: string) => string {
  const format = new Intl.DateTimeFormat(undefined, options);
  return (time) => format.format(new Date(time));
}

// Each says a time of the API.
export const dateOf = formatter({ dateStyle: 'medium' });
export const dayOf = formatter({ dateStyle: 'full' });
export const clockOf = formatter({ timeStyle: 'medium' });
export const dateAndTime = formatter({ dateStyle: 'medium', timeStyle: 'short' });
export const dateAndClock = formatter({ dateStyle: 'medium', timeStyle: 'medium' });
export const fullTime = formatter({ dateStyle: 'full', timeStyle: 'long' });

export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** shortZone is the zone as a short name, such as CET or GMT+1, now. */
export const shortZone = (): string =>
  new Intl.DateTimeFormat(undefined, { timeZoneName: 'short' }).formatToParts().find(({ type }) => type === 'timeZoneName')?.value ??
  zone();

export const twoDigits = (count: number): string => String(count).padStart(2, '0');

/** isoDate is the day of a time as a date field has it, YYYY-MM-DD, in the zone of the viewer. */
export function isoDate(time: Date | string): string {
  const date = new Date(time);
  return `${String(date.getFullYear()).padStart(4, '0')}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

/** inWords makes a sentence of an error of the API. */
export function inWords(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1).replace(/\.$/, '')}.`;
}
