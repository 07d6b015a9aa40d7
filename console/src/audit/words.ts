/** Things and their number, in words. A name that is new in the API does not compile until it has its words here. */
import type { AuditRefusalCode, AuditTotalName, BasicDataItem } from '../api/generated/graphql';
import { counted } from '../ui/format';

type Words = [one: string, several: string];

const CONVERSATIONS: Words = ['conversation', 'conversations'];
const MEDIA_FILES: Words = ['media file', 'media files'];
const VCONS: Words = ['vCon', 'vCons'];

const TOTALS: Record<AuditTotalName, Words> = {
  FAILURES: ['refusal', 'refusals'],
  SWITCHES_CHANGED: ['switch', 'switches'],
  CONVERSATIONS_ANONYMIZED: CONVERSATIONS,
  CONVERSATIONS_IMPORTED: CONVERSATIONS,
  CONVERSATIONS_EXPORTED: CONVERSATIONS,
  CONVERSATIONS_VIEWED: CONVERSATIONS,
  VCONS_ADDED: VCONS,
  VCONS_UPDATED: VCONS,
  VCONS_UNCHANGED: VCONS,
  DOCUMENTS_REFUSED: ['document', 'documents'],
  PHONE_NUMBERS: ['phone number', 'phone numbers'],
  DIGITAL_ADDRESSES: ['digital address', 'digital addresses'],
  SUBJECTS: ['subject', 'subjects'],
  MESSAGES: ['text', 'texts'],
  METADATA_VALUES: ['metadata value', 'metadata values'],
  MEDIA_FILES_PLANNED: MEDIA_FILES,
  MEDIA_FILES_DELETED: MEDIA_FILES,
  MEDIA_FILES_PROTECTED: MEDIA_FILES,
  MEDIA_FILES_RELEASED: MEDIA_FILES,
  MEDIA_FILES_PLAYED: MEDIA_FILES,
};

const ITEMS: Record<BasicDataItem, string> = {
  PARTICIPANT_PHONE_NUMBER: 'the phone numbers of participants',
  PARTICIPANT_DIGITAL_ADDRESS: 'the digital addresses of participants',
  SUBJECT_AND_BODY: 'subjects and bodies',
  MEDIA_FILES: 'media files',
};

const REFUSALS: Record<AuditRefusalCode, string> = {
  UNAUTHENTICATED: 'nobody was signed in',
  FORBIDDEN: 'a role was missing',
  NOT_FOUND: 'it does not exist, or the user may not see it',
  INVALID: 'the request or the state of the object did not allow it',
  CONFLICT: 'somebody else had changed it',
  CORRELATION_KEY: 'conversations are merged by this key',
  NOTHING_SELECTED: 'the saved settings selected nothing',
};

/** amount says the number of what a total counts. */
export const amount = (count: number, name: AuditTotalName): string => counted(count, ...TOTALS[name]);

/** amounts lists numbers, without those that are zero. */
export const amounts = (all: [count: number, name: AuditTotalName][]): string =>
  listed(all.filter(([count]) => count > 0).map(([count, name]) => amount(count, name)));

export const mediaFiles = (count: number): string => counted(count, ...MEDIA_FILES);
export const conversations = (count: number): string => counted(count, ...CONVERSATIONS);
export const itemOf = (item: BasicDataItem): string => ITEMS[item];
export const reasonOf = (code: AuditRefusalCode): string => REFUSALS[code];
export const quoted = (text: string): string => `“${text}”`;

/** listed joins texts as a sentence does. */
export function listed(texts: string[]): string {
  const last = texts.at(-1) ?? '';
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} and ${last}`;
}
