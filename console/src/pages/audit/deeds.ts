/** Events of one deed: conversations that were anonymized, imported or cleared of media together are an event each, and are told in one line that opens. */
import type { AuditActivity } from '../../api/generated/graphql';
import type { AuditEvent } from './events';

/** One event, or several of one deed, in the order of the log. */
export type Deed = [AuditEvent, ...AuditEvent[]];

/**
 * What is done to many conversations at a time, and differs from one to the next in nothing but numbers, with how far apart in time two of them may be: the events of one
 * transaction are stamped microseconds apart; an import and the Delete tool take conversations one by one.
 */
const APART_MS: Partial<Record<AuditActivity, number>> = {
  INTERACTION_ANONYMIZE: 1,
  MEDIA_DELETION_REQUESTED: 1,
  MEDIA_DELETED: 10_000,
  CONVERSATION_IMPORTED: 10_000,
};

/** Conversations that people import or clear one by one are deeds of their own; those of a command are one run of it. */
const OF_COMMANDS: AuditActivity[] = ['MEDIA_DELETED', 'CONVERSATION_IMPORTED'];

/** deedsOf joins events that follow one another. What failed, and what is about no conversation, stands by itself. */
export function deedsOf(events: AuditEvent[]): Deed[] {
  const deeds: Deed[] = [];
  for (const event of events) {
    const last = deeds.at(-1);
    if (last && sameDeed(last.at(-1) ?? last[0], event)) last.push(event);
    else deeds.push([event]);
  }
  return deeds;
}

/** What of an event tells the deed that it is of. */
export interface OfDeed extends Pick<AuditEvent, 'occurredAt' | 'activity' | 'result' | 'settingsVersion'> {
  user: Pick<AuditEvent['user'], 'userId'>;
  about: Pick<AuditEvent['about'], 'conversation'>;
}

/** sameDeed tells whether two events that follow one another are of one deed; an event that can be of none with others is not even with itself. */
export const sameDeed = (one: OfDeed, other: OfDeed): boolean =>
  joinable(one) &&
  joinable(other) &&
  keyOf(one) === keyOf(other) &&
  Math.abs(Date.parse(one.occurredAt) - Date.parse(other.occurredAt)) <= apart(one);

/** lengthOfRest is how many of the events that follow go on with the deed of the last one. */
export function lengthOfRest(last: OfDeed, rest: OfDeed[]): number {
  const end = rest.findIndex((event, at) => !sameDeed(at === 0 ? last : rest[at - 1]!, event));
  return end < 0 ? rest.length : end;
}

const apart = ({ activity }: OfDeed): number => APART_MS[activity] ?? 0;

const joinable = ({ activity, result, user, about }: OfDeed): boolean =>
  activity in APART_MS &&
  result === 'SUCCESS' &&
  about.conversation !== null &&
  (!OF_COMMANDS.includes(activity) || (user.userId?.startsWith('command:') ?? false));

const keyOf = ({ activity, user, settingsVersion }: OfDeed): string => JSON.stringify([activity, user.userId, settingsVersion]);

/** sumOf is an event that tells of all of them at once; it is for the eye alone, and stands in no file. */
export function sumOf(deed: Deed): AuditEvent {
  const [first] = deed;
  const counts = new Map([['conversations', new Set(deed.map(({ about }) => about.conversation)).size]]);
  for (const { about } of deed) for (const { name, count } of about.counts) counts.set(name, (counts.get(name) ?? 0) + count);
  const mediaFiles = deed.flatMap(({ about }) => about.mediaFiles);
  const about = { ...first.about, conversation: null, counts: [...counts].map(([name, count]) => ({ name, count })), mediaFiles };
  return { ...first, about };
}
