/** Events of one deed: conversations that were anonymized together are an event each, and are told in one line that opens. */
import type { AuditActivity } from '../../api/generated/graphql';
import type { AuditEvent } from './events';

/** One event, or several of one deed, in the order of the log. */
export type Deed = [AuditEvent, ...AuditEvent[]];

/** What is done to many conversations at a time, and differs from one to the next in nothing but numbers. */
const TOGETHER: AuditActivity[] = ['INTERACTION_ANONYMIZE', 'MEDIA_DELETION_REQUESTED'];

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

/** The events of one transaction are stamped one after the other, microseconds apart. */
const APART_MS = 1;

const sameDeed = (one: AuditEvent, other: AuditEvent): boolean =>
  joinable(one) && joinable(other) && keyOf(one) === keyOf(other) && Math.abs(Date.parse(one.at) - Date.parse(other.at)) <= APART_MS;

const joinable = ({ activity, result, about }: AuditEvent): boolean =>
  TOGETHER.includes(activity) && result === 'SUCCESS' && about.conversation !== null;

const keyOf = ({ activity, user, settingsVersion }: AuditEvent): string => JSON.stringify([activity, user.id, settingsVersion]);

/** sumOf is an event that tells of all of them at once; it is for the eye alone, and stands in no file. */
export function sumOf(deed: Deed): AuditEvent {
  const [first] = deed;
  const counts = new Map([['conversations', new Set(deed.map(({ about }) => about.conversation)).size]]);
  for (const { about } of deed) for (const { name, count } of about.counts) counts.set(name, (counts.get(name) ?? 0) + count);
  const mediaFiles = deed.flatMap(({ about }) => about.mediaFiles);
  const about = { ...first.about, conversation: null, counts: [...counts].map(([name, count]) => ({ name, count })), mediaFiles };
  return { ...first, about };
}
