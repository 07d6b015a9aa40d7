/** Events of one batch: conversations that were anonymized, imported or cleared of media together are an event each, and are shown in one line that opens. */
import type { AuditActivity } from '../../api/generated/graphql';
import type { AuditEvent } from './events';

/** One event, or several of one batch, in the order of the log. */
export type Batch = [AuditEvent, ...AuditEvent[]];

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

/** Conversations that people import or clear one by one are batches of their own; those of a command are one run of it. */
const OF_COMMANDS: AuditActivity[] = ['MEDIA_DELETED', 'CONVERSATION_IMPORTED'];

/** batchesOf joins events that follow one another. What failed, and what is about no conversation, is a batch of its own. */
export function batchesOf(events: AuditEvent[]): Batch[] {
  const batches: Batch[] = [];
  for (const event of events) {
    const last = batches.at(-1);
    if (last && sameBatch(last.at(-1) ?? last[0], event)) last.push(event);
    else batches.push([event]);
  }
  return batches;
}

/** What of an event tells the batch that it is of. */
export interface OfBatch extends Pick<AuditEvent, 'at' | 'activity' | 'result' | 'settingsVersion'> {
  user: Pick<AuditEvent['user'], 'id'>;
  about: Pick<AuditEvent['about'], 'conversation'>;
}

/** sameBatch tells whether two events that follow one another are of one batch; an event that can be of none with others is not even with itself. */
export const sameBatch = (one: OfBatch, other: OfBatch): boolean =>
  joinable(one) && joinable(other) && keyOf(one) === keyOf(other) && Math.abs(Date.parse(one.at) - Date.parse(other.at)) <= apart(one);

/** lengthOfRest is how many of the events that follow go on with the batch of the last one. */
export function lengthOfRest(last: OfBatch, rest: OfBatch[]): number {
  const end = rest.findIndex((event, at) => !sameBatch(at === 0 ? last : rest[at - 1]!, event));
  return end < 0 ? rest.length : end;
}

const apart = ({ activity }: OfBatch): number => APART_MS[activity] ?? 0;

const joinable = ({ activity, result, user, about }: OfBatch): boolean =>
  activity in APART_MS &&
  result === 'SUCCESS' &&
  about.conversation !== null &&
  (!OF_COMMANDS.includes(activity) || user.id.startsWith('command:'));

const keyOf = ({ activity, user, settingsVersion }: OfBatch): string => JSON.stringify([activity, user.id, settingsVersion]);

/** sumOf is an event that tells of all of them at once; it is for the eye alone, and stands in no file. */
export function sumOf(batch: Batch): AuditEvent {
  const [first] = batch;
  const counts = new Map([['conversations', new Set(batch.map(({ about }) => about.conversation)).size]]);
  for (const { about } of batch) for (const { name, count } of about.counts) counts.set(name, (counts.get(name) ?? 0) + count);
  const mediaFiles = batch.flatMap(({ about }) => about.mediaFiles);
  const about = { ...first.about, conversation: null, counts: [...counts].map(([name, count]) => ({ name, count })), mediaFiles };
  return { ...first, about };
}
