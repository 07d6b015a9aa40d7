/** An operation of the audit log, one action of a person or a command, as a sentence with its totals. */
import type { AuditActivity, AuditOperationsQuery, AuditTotalName } from '../api/generated/graphql';
import { counted } from '../ui/format';
import type { AuditEvent } from './events';
import { sentence, type Piece } from './sentence';
import { capitalized, nameOf } from './users';
import { amount, amounts, listed } from './words';

export type Operation = AuditOperationsQuery['auditOperations']['nodes'][number];

/** operationSentence describes an operation. One with a single event reads as that event. */
export function operationSentence(operation: Operation): Piece[] {
  const event = loneEvent(operation);
  return event ? sentence(event) : [{ who: capitalized(nameOf(operation.user)) }, ` ${predicate(operation)}.`];
}

/** loneEvent is the only event of an operation, where it says all that the totals say. Of vCons that changed nothing there is no event. */
export function loneEvent(operation: Operation): AuditEvent | undefined {
  const of = totalsOf(operation);
  const documents = VCONS.reduce((sum, [name]) => sum + of(name), 0);
  return operation.eventCount === 1 && documents <= 1 ? operation.events.nodes[0] : undefined;
}

function predicate(operation: Operation): string {
  const { activity, result } = operation;
  const of = totalsOf(operation);
  if (activity === 'ACCESS_DENIED') return `was denied access ${counted(of('FAILURES'), 'time')}`;
  return `${result === 'FAILURE' ? `tried to ${FAILED[activity]}` : TELLERS[activity](of)}${refusals(of)}`;
}

type Totals = (name: AuditTotalName) => number;

const totalsOf =
  ({ totals }: Operation): Totals =>
  (wanted) =>
    totals.find(({ name }) => name === wanted)?.count ?? 0;

/** what says the number of what a verb applies to. */
const what = (of: Totals, name: AuditTotalName): string => amount(of(name), name);

const each = (of: Totals, ...names: AuditTotalName[]): string => amounts(names.map((name) => [of(name), name]));

/** Activities that do something; a denial does nothing. */
type Action = Exclude<AuditActivity, 'ACCESS_DENIED'>;

const TELLERS: Record<Action, (of: Totals) => string> = {
  FIELD_CONFIG_UPDATE: (of) => `changed ${what(of, 'SWITCHES_CHANGED')} of the compliance settings`,
  METADATA_KEY_UPDATE: (of) => `changed ${what(of, 'SWITCHES_CHANGED')} of metadata keys`,
  INTERACTION_ANONYMIZE: anonymized,
  MEDIA_DELETION_REQUESTED: (of) => `requested the deletion of ${what(of, 'MEDIA_FILES_PLANNED')}`,
  MEDIA_DELETED: deleted,
  MEDIA_PROTECTED: (of) => `protected ${what(of, 'MEDIA_FILES_PROTECTED')}`,
  MEDIA_RELEASED: (of) => `released ${what(of, 'MEDIA_FILES_RELEASED')} from protection${planned(of)}`,
  MEDIA_PLAYED: (of) => `played ${what(of, 'MEDIA_FILES_PLAYED')}`,
  CONVERSATION_IMPORTED: imported,
  CONVERSATION_EXPORTED: (of) => `exported ${what(of, 'CONVERSATIONS_EXPORTED')}`,
  CONVERSATION_VIEWED: (of) => `read ${what(of, 'CONVERSATIONS_VIEWED')}`,
};

/** What an operation of which nothing was done tried to do. */
const FAILED: Record<Action, string> = {
  FIELD_CONFIG_UPDATE: 'change the compliance settings',
  METADATA_KEY_UPDATE: 'change metadata keys',
  INTERACTION_ANONYMIZE: 'anonymize conversations',
  MEDIA_DELETION_REQUESTED: 'request the deletion of media files',
  MEDIA_DELETED: 'delete media files',
  MEDIA_PROTECTED: 'protect media files',
  MEDIA_RELEASED: 'release media files from protection',
  MEDIA_PLAYED: 'play recordings',
  CONVERSATION_IMPORTED: 'import conversations',
  CONVERSATION_EXPORTED: 'export conversations',
  CONVERSATION_VIEWED: 'read conversations',
};

const planned = (of: Totals): string => (of('MEDIA_FILES_PLANNED') > 0 ? `; ${what(of, 'MEDIA_FILES_PLANNED')} planned for deletion` : '');

function anonymized(of: Totals): string {
  const values = each(of, 'PHONE_NUMBERS', 'DIGITAL_ADDRESSES', 'SUBJECTS', 'MESSAGES', 'METADATA_VALUES');
  const done = values ? `${values} overwritten` : 'no value left to overwrite';
  return `anonymized ${what(of, 'CONVERSATIONS_ANONYMIZED')}: ${done}${planned(of)}`;
}

/** A run of the Delete tool also ends protections that have expired, and asks for what then is to be deleted. */
function deleted(of: Totals): string {
  const done = [
    of('MEDIA_FILES_DELETED') > 0 && `deleted ${what(of, 'MEDIA_FILES_DELETED')}`,
    of('MEDIA_FILES_RELEASED') > 0 && `ended the protection of ${what(of, 'MEDIA_FILES_RELEASED')}`,
    of('MEDIA_FILES_PLANNED') > 0 && `planned ${what(of, 'MEDIA_FILES_PLANNED')} for deletion`,
  ].filter((part) => part !== false);
  return done.length > 0 ? listed(done) : 'deleted no media files';
}

/** What became of the documents of an import. */
const VCONS: [AuditTotalName, string][] = [
  ['VCONS_ADDED', 'added'],
  ['VCONS_UPDATED', 'updated'],
  ['VCONS_UNCHANGED', 'unchanged'],
  ['DOCUMENTS_REFUSED', 'refused'],
];

function imported(of: Totals): string {
  const vcons = VCONS.filter(([name]) => of(name) > 0).map(([name, became]) => `${what(of, name)} ${became}`);
  return `imported ${what(of, 'CONVERSATIONS_IMPORTED')}${vcons.length > 0 ? `: ${vcons.join(', ')}` : ''}${planned(of)}`;
}

/** refusals says what of an operation was not done. */
const refusals = (of: Totals): string => (of('FAILURES') > 0 ? `; ${what(of, 'FAILURES')}` : '');
