/**
 * An event of the audit log as a sentence. The sentence is evidence: it says no more than the event does. Its details decide, not its activity, but for what only
 * the activity tells.
 */
import type { AuditActivity } from '../api/generated/graphql';
import { counted, dateAndTime } from '../ui/format';
import { PROTECTION } from '../ui/labels';
import type { AuditEvent, DetailsOf } from './events';
import { REQUESTS } from './requests';
import { capitalized, nameOf } from './users';
import { amounts, conversations, itemOf, mediaFiles, quoted, reasonOf } from './words';

/** A piece of a sentence: plain text, who did it, or what leads to the conversation. */
export type Piece = string | { who: string } | { conversation: string; text: string };

/** What was to be done where an activity was refused, as the end of "tried to ...". */
const INFINITIVE: Record<AuditActivity, string> = {
  FIELD_CONFIG_UPDATE: 'change a switch of Basic Data',
  METADATA_KEY_UPDATE: 'change a metadata key',
  INTERACTION_ANONYMIZE: 'anonymize',
  MEDIA_DELETION_REQUESTED: 'request the deletion of',
  MEDIA_DELETED: 'delete',
  MEDIA_PROTECTED: 'protect',
  MEDIA_RELEASED: 'release',
  MEDIA_PLAYED: 'play',
  CONVERSATION_IMPORTED: 'import',
  CONVERSATION_EXPORTED: 'export',
  CONVERSATION_VIEWED: 'read',
  ACCESS_DENIED: 'do something',
};

/** sentence tells an event in pieces. */
export function sentence(event: AuditEvent): Piece[] {
  return [{ who: capitalized(nameOf(event.user)) }, ...predicate(event), '.'];
}

/** asText is the sentence without what can be clicked. */
export const asText = (pieces: Piece[]): string => pieces.map(textOf).join('');

function textOf(piece: Piece): string {
  if (typeof piece === 'string') return piece;
  return 'who' in piece ? piece.who : piece.text;
}

function predicate(event: AuditEvent): Piece[] {
  const { details } = event;
  switch (details?.__typename) {
    case 'BasicDataChange':
      return [switched(details, itemOf(details.item)), version(event)];
    case 'MetadataKeyChange':
      return [keyChanged(details), version(event)];
    case 'AnonymizationDetails':
      return anonymized(event, details);
    case 'MediaFilesDetails':
      return withFiles(event, details);
    case 'ProtectionDetails':
      return [' protected ', ...files(event, details), ` from deletion${until(details)}: ${PROTECTION[details.reason]}`];
    case 'ReleaseDetails':
      return released(event, details);
    case 'ImportDetails':
      return imported(event, details);
    case 'ExportDetails':
      return [
        ' exported ',
        conversation(event),
        details.isRedacted ? ', redacted,' : '',
        details.hasMedia ? ' with recordings' : ' without recordings',
      ];
    case 'Refusal':
      return refused(event, details);
    case 'AccessDenial':
      return [denied(details)];
    case undefined:
      return [' read ', conversation(event)];
  }
}

/** conversation leads to the conversation where the viewer may see it. */
const conversation = ({ conversation: of }: AuditEvent, text = 'a conversation'): Piece => (of ? { conversation: of.id, text } : text);

const files = (event: AuditEvent, { mediaFileCount }: { mediaFileCount: number }): Piece[] => [
  `${mediaFiles(mediaFileCount)} of `,
  conversation(event),
];

const version = ({ settingsVersion }: AuditEvent): string => (settingsVersion ? ` in settings version ${settingsVersion}` : '');
const under = ({ settingsVersion }: AuditEvent): string => (settingsVersion ? ` under settings version ${settingsVersion}` : '');

const switched = ({ isOnAfter }: { isOnAfter: boolean }, what: string): string =>
  ` switched the anonymization of ${what} ${isOnAfter ? 'on' : 'off'}`;

const USES = { FILTER_KEY: 'a filter key', CORRELATION_KEY: 'a correlation key' };

function keyChanged(details: DetailsOf<'MetadataKeyChange'>): string {
  const key = `the metadata key ${quoted(details.key)}`;
  if (details.property === 'ANONYMIZED') return switched(details, key);
  return details.isOnAfter ? ` made ${key} ${USES[details.property]}` : ` made ${key} no longer ${USES[details.property]}`;
}

function anonymized(event: AuditEvent, details: DetailsOf<'AnonymizationDetails'>): Piece[] {
  const values = amounts([
    [details.phoneNumberCount, 'PHONE_NUMBERS'],
    [details.digitalAddressCount, 'DIGITAL_ADDRESSES'],
    [details.subjectCount, 'SUBJECTS'],
    [details.messageCount, 'MESSAGES'],
    [details.metadataValueCount, 'METADATA_VALUES'],
  ]);
  const planned = details.mediaFileCount > 0 ? `; ${mediaFiles(details.mediaFileCount)} planned for deletion` : '';
  return [
    ' anonymized ',
    conversation(event),
    `${under(event)}: ${values ? `${values} overwritten` : 'no value left to overwrite'}${planned}`,
  ];
}

function withFiles(event: AuditEvent, details: DetailsOf<'MediaFilesDetails'>): Piece[] {
  if (event.activity === 'MEDIA_PLAYED') return [' played ', ...files(event, details)];
  if (event.activity === 'MEDIA_DELETED') return [' deleted ', ...files(event, details)];
  return [' requested the deletion of ', ...files(event, details), under(event)];
}

const until = ({ protectedUntil }: DetailsOf<'ProtectionDetails'>): string =>
  protectedUntil ? ` until ${dateAndTime(protectedUntil)}` : ' indefinitely';

/** A release that a date caused is recorded for the person or command that came upon it. */
function released(event: AuditEvent, details: DetailsOf<'ReleaseDetails'>): Piece[] {
  if (details.cause === 'EXPIRED') return [' recorded the end of the protection of ', ...files(event, details), ', which had expired'];
  return [' released ', ...files(event, details), ' from protection'];
}

function imported(event: AuditEvent, details: DetailsOf<'ImportDetails'>): Piece[] {
  const brought = [
    details.participantCount > 0 && counted(details.participantCount, 'participant'),
    details.segmentCount > 0 && counted(details.segmentCount, 'segment'),
    amounts([
      [details.messageCount, 'MESSAGES'],
      [details.metadataValueCount, 'METADATA_VALUES'],
      [details.mediaFileCount, 'MEDIA_FILES_PLANNED'],
    ]),
  ].filter(Boolean);
  const merged = details.mergedCount > 0 ? `; ${counted(details.mergedCount, 'other conversation')} merged into it` : '';
  const what: Piece[] = details.isNew
    ? [' imported ', conversation(event, 'a new conversation')]
    : [' changed ', conversation(event), ' by an import'];
  return [...what, brought.length > 0 ? `: ${brought.join(', ')}` : '', merged];
}

function refused(event: AuditEvent, details: DetailsOf<'Refusal'>): Piece[] {
  const object =
    details.mediaFileCount > 0
      ? ` ${mediaFiles(details.mediaFileCount)}`
      : details.conversationCount > 0
        ? ` ${conversations(details.conversationCount)}`
        : '';
  return [` tried to ${INFINITIVE[event.activity]}${object}: nothing was changed, because ${reasonOf(details.code)}`];
}

function denied({ operation, code, count }: DetailsOf<'AccessDenial'>): string {
  const request = REQUESTS[operation];
  const doing = request?.doing ?? (operation === 'graphql' ? 'the use of the API' : `the operation ${operation}`);
  const times = count > 1 ? ` ${counted(count, 'time')}` : '';
  if (code === 'UNAUTHENTICATED') return ` was denied ${doing}${times}, which requires signing in`;
  return ` was denied ${doing}${times}, which requires ${request ? `the role ${request.role}` : 'another role'}`;
}
