/**
 * The audit log as CSV: a row for each event, with its operation. It keeps to RFC 4180, with a byte order mark so that spreadsheets take it for UTF-8, and holds nothing
 * that they would take for a formula.
 */
import type { AuditEventsQuery } from '../../api/generated/graphql';
import { asText, sentence } from '../../audit/sentence';
import { isoWithOffset } from './times';

/** An event as the file has it. */
export type Recorded = AuditEventsQuery['auditEvents']['nodes'][number];

const BYTE_ORDER_MARK = '\uFEFF';
const LINE_END = '\r\n';

type Column = [name: string, value: (event: Recorded) => string | number | null | undefined];

const COLUMNS: Column[] = [
  ['time', ({ occurredAt }) => isoWithOffset(occurredAt)],
  ['user id', ({ user }) => user.userId],
  ['user', ({ user }) => user.name],
  ['activity', ({ activity }) => activity],
  ['result', ({ result }) => result],
  ['what happened', (event) => asText(sentence(event))],
  ['settings version', ({ settingsVersion }) => settingsVersion],
  ['conversation', ({ conversation }) => conversation?.id],
  ['vCon hashes', ({ vconHashes }) => vconHashes.join(' ')],
  ['details', ({ details }) => detailsOf(details)],
  ['event', ({ id }) => id],
  ['operation', ({ operation }) => operation.id],
];

/** detailsOf writes the details as JSON, with the names of the API. */
function detailsOf(details: Recorded['details']): string {
  if (!details) return '';
  const { __typename: type, ...members } = details;
  return JSON.stringify({ type, ...members });
}

export const header = (): string => BYTE_ORDER_MARK + line(COLUMNS.map(([name]) => name));
export const row = (event: Recorded): string => line(COLUMNS.map(([, value]) => String(value(event) ?? '')));

const line = (cells: string[]): string => cells.map(cell).join(',') + LINE_END;

/** What makes a spreadsheet compute a cell, also behind blanks, and in the wide forms that some take alike. */
const FORMULA = /^[\s\p{Cc}]*[=+\-@＝＋－＠]|^[\t\r\n]/u;

/** cell quotes what needs it; an apostrophe in front keeps a text from being computed. */
export function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
