/** Times of the audit log in the viewer's zone, which is always named where they are shown. */
import { isoDate, twoDigits, zone } from '../../ui/format';

/** zoneName names the zone, with how far it is from UTC now. */
export function zoneName(now = new Date()): string {
  const timeZone = zone();
  const offset = offsetOf(now);
  return offset === '+00:00' ? timeZone : `${timeZone} (UTC${offset})`;
}

/** offsetOf is how far the zone is from UTC at a time, as ISO 8601 writes it. */
function offsetOf(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
}

/** isoWithOffset is a time of the API in the viewer's zone, in ISO 8601 with its offset, as precise as it came. */
export function isoWithOffset(time: string): string {
  const date = new Date(time);
  const fraction = /\.\d+/.exec(time)?.[0] ?? '';
  return `${isoDate(date)}T${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}:${twoDigits(date.getSeconds())}${fraction}${offsetOf(date)}`;
}

/** toInput is a time as a field for date and time has it, in the viewer's zone; "" for none. */
export function toInput(time: string | null): string {
  if (time === null) return '';
  const date = new Date(time);
  return `${isoDate(date)}T${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
}

/** fromInput is the instant that a field for date and time means, null where it means none. */
export function fromInput(text: string): string | null {
  const date = new Date(text);
  return text === '' || Number.isNaN(date.getTime()) ? null : date.toISOString();
}
