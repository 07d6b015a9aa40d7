/** The audit log as CSV: RFC 4180, with a byte order mark so that spreadsheets take it for UTF-8, and nothing in it that they would take for a formula. */
import type { AuditEvent } from './events';
import { asText, sentence } from './sentence';
import { isoWithOffset } from './times';

const BYTE_ORDER_MARK = '\uFEFF';
const LINE_END = '\r\n';

type Column = [name: string, value: (event: AuditEvent) => string | number | null | undefined];

const COLUMNS: Column[] = [
  ['time', ({ occurredAt }) => isoWithOffset(occurredAt)],
  ['user id', ({ user }) => user.userId],
  ['user', ({ user }) => user.name],
  ['activity', ({ activity }) => activity],
  ['result', ({ result }) => result],
  ['what happened', (event) => asText(sentence(event))],
  ['settings version', ({ settingsVersion }) => settingsVersion],
  ['conversation', ({ about }) => about.conversation],
  ['item', ({ about }) => about.item],
  ['before', ({ about }) => onOff(about.oldValue)],
  ['afterwards', ({ about }) => onOff(about.newValue)],
  ['counts', ({ about }) => about.counts.map(({ name, count }) => `${name}: ${count}`).join('; ')],
  ['media files', ({ about }) => about.mediaFiles.join(' ')],
  ['operation', ({ about }) => about.operation],
  ['reason', ({ about }) => about.reason],
  ['protected until', ({ about }) => (about.protectedUntil ? isoWithOffset(about.protectedUntil) : '')],
  ['event', ({ id }) => id],
];

const onOff = (value: boolean | null | undefined) => (value == null ? '' : value ? 'on' : 'off');

export const header = (): string => BYTE_ORDER_MARK + line(COLUMNS.map(([name]) => name));
export const row = (event: AuditEvent): string => line(COLUMNS.map(([, value]) => String(value(event) ?? '')));

const line = (cells: string[]): string => cells.map(cell).join(',') + LINE_END;

/** What makes a spreadsheet compute a cell, also behind blanks, and in the wide forms that some take alike. */
const FORMULA = /^[\s\p{Cc}]*[=+\-@＝＋－＠]|^[\t\r\n]/u;

/** cell quotes what needs it; an apostrophe in front keeps a text from being computed. */
export function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
