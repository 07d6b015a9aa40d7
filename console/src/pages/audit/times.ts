/** Times of the audit log in the viewer's zone, which is always named where they are shown. */

/** zoneName names the zone, with how far it is from UTC now. */
export function zoneName(now = new Date()): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const offset = offsetOf(now);
  return offset === '+00:00' ? timeZone : `${timeZone} (UTC${offset})`;
}

const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'full' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const both = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const precise = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

export const dayOf = (time: string): string => day.format(new Date(time));
export const clockOf = (time: string): string => clock.format(new Date(time));
export const fullTime = (time: string): string => precise.format(new Date(time));
export const timeInSentence = (time: string): string => both.format(new Date(time));

const two = (n: number) => String(n).padStart(2, '0');

/** offsetOf is how far the zone is from UTC at a time, as ISO 8601 writes it. */
function offsetOf(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

export function localDate(date: Date): string {
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** isoWithOffset is a time of the API in the viewer's zone, in ISO 8601 with its offset, as precise as it came. */
export function isoWithOffset(time: string): string {
  const date = new Date(time);
  const fraction = /\.\d+/.exec(time)?.[0] ?? '';
  return `${localDate(date)}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}${fraction}${offsetOf(date)}`;
}

/** toInput is a time as a field for date and time has it, in the viewer's zone; "" for none. */
export function toInput(time: string | null): string {
  if (time === null) return '';
  const date = new Date(time);
  return `${localDate(date)}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** fromInput is the instant that a field for date and time means, null where it means none. */
export function fromInput(text: string): string | null {
  const date = new Date(text);
  return text === '' || Number.isNaN(date.getTime()) ? null : date.toISOString();
}
