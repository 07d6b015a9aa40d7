/** Things and how many of them, in words. */
import { counted } from '../../ui/format';
import type { AuditEvent } from './events';

/** One and several of what events count, by the API's names, in the order in which sentences tell them. */
const COUNTED: Record<string, [one: string, several: string]> = {
  participants: ['participant', 'participants'],
  segments: ['segment', 'segments'],
  phoneNumbers: ['phone number', 'phone numbers'],
  digitalAddresses: ['digital address', 'digital addresses'],
  subjects: ['subject', 'subjects'],
  messages: ['text', 'texts'],
  metadataValues: ['metadata value', 'metadata values'],
  mediaFiles: ['media file', 'media files'],
  conversations: ['conversation', 'conversations'],
  mergedConversations: ['merged conversation', 'merged conversations'],
};

const ITEMS: Record<string, string> = {
  participantPhoneNumber: 'the phone numbers of participants',
  participantDigitalAddress: 'the e-mail and IP addresses of participants',
  subjectAndBody: 'subjects and bodies',
  mediaFiles: 'media files',
};

/** amount says how many of what; a kind that is new in the API goes by its own name. */
export function amount(count: number, kind: string): string {
  const [one, several] = COUNTED[kind] ?? [kind, kind];
  return counted(count, one, several);
}

export const itemOf = (item: string): string => ITEMS[item] ?? quoted(item);
export const quoted = (text: string): string => `“${text}”`;

/** listed joins texts as a sentence does. */
export function listed(texts: string[]): string {
  const last = texts.at(-1) ?? '';
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} and ${last}`;
}

/** countOf is how many of a kind an event is about, 0 where it does not say. */
export const countOf = ({ about }: AuditEvent, kind: string): number => about.counts.find(({ name }) => name === kind)?.count ?? 0;

/** inOrder sorts counts; kinds that are new in the API come last. */
export function inOrder(counts: AuditEvent['about']['counts']): AuditEvent['about']['counts'] {
  const kinds = Object.keys(COUNTED);
  const place = (name: string) => (kinds.indexOf(name) + kinds.length + 1) % (kinds.length + 1);
  return counts.toSorted((one, other) => place(one.name) - place(other.name));
}

/** countsBut lists what an event is about, without some kinds, and without what there was none of. */
export function countsBut({ about }: AuditEvent, ...kinds: string[]): string[] {
  return inOrder(about.counts)
    .filter(({ name, count }) => count > 0 && !kinds.includes(name))
    .map(({ name, count }) => amount(count, name));
}
