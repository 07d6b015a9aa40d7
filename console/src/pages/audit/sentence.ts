/**
 * An event of the audit log as a sentence. The sentence is evidence: it says no more than the event does, and holds whatever is missing in it. Every
 * activity has its words for success and for failure, also where the server writes only one of the two today.
 */
import type { AuditActivity, AuditResult } from '../../api/generated/graphql';
import type { AuditEvent } from './events';
import { OPERATIONS } from './operations';
import { dateAndTime } from '../../ui/format';
import { capitalized, nameOf } from './users';
import { amount, countOf, countsBut, itemOf, listed, quoted } from './words';

/** A piece of a sentence: plain text, who did it, or what leads to the conversation. */
export type Piece = string | { who: string } | { conversation: string; text: string };

type Teller = (event: AuditEvent) => Piece[];

const TELLERS: Record<AuditActivity, Record<AuditResult, Teller>> = {
  FIELD_CONFIG_UPDATE: { SUCCESS: switched, FAILURE: failed('change an item of Basic Data') },
  METADATA_KEY_UPDATE: { SUCCESS: keyChanged, FAILURE: failed('change a metadata key') },
  INTERACTION_ANONYMIZE: { SUCCESS: anonymized, FAILURE: notAnonymized },
  MEDIA_DELETION_REQUESTED: { SUCCESS: requested, FAILURE: failed('ask the Interaction service to delete media files') },
  MEDIA_DELETED: { SUCCESS: (event) => [who(event), ' deleted ', ...files(event)], FAILURE: failed('delete media files') },
  MEDIA_PROTECTED: { SUCCESS: protectedFrom, FAILURE: failed('protect media files') },
  MEDIA_RELEASED: { SUCCESS: released, FAILURE: failed('release media files from protection') },
  CONVERSATION_IMPORTED: { SUCCESS: imported, FAILURE: failed('import a conversation') },
  // That somebody was refused is the same whichever way one reads the result of it.
  ACCESS_DENIED: { SUCCESS: refused, FAILURE: refused },
};

/** sentence tells an event in pieces. */
export function sentence(event: AuditEvent): Piece[] {
  const pieces = TELLERS[event.activity][event.result](event);
  const [first, ...rest] = pieces;
  return [typeof first === 'object' && 'who' in first ? { who: capitalized(first.who) } : first!, ...rest, '.'];
}

/** asText is the sentence without what can be clicked. */
export const asText = (pieces: Piece[]): string => pieces.map(textOf).join('');

function textOf(piece: Piece): string {
  if (typeof piece === 'string') return piece;
  return 'who' in piece ? piece.who : piece.text;
}

const who = ({ user }: AuditEvent): Piece => ({ who: nameOf(user) });

function conversation(event: AuditEvent): Piece {
  const { conversation: id } = event.about;
  return id ? { conversation: id, text: 'a conversation' } : (several(event) ?? 'a conversation');
}

/** several counts the conversations of an event that sums up others, as batches.ts makes it. */
function several(event: AuditEvent): string | undefined {
  const count = countOf(event, 'conversations');
  return event.about.conversation === null && count > 1 ? amount(count, 'conversations') : undefined;
}

function files(event: AuditEvent): Piece[] {
  const count = event.about.mediaFiles.length;
  const what = count > 0 ? amount(count, 'mediaFiles') : 'media files';
  return event.about.conversation || several(event) ? [`${what} of `, conversation(event)] : [what];
}

const under = ({ settingsVersion }: AuditEvent): string => (settingsVersion ? ` under settings version ${settingsVersion}` : '');

/** failed is for what the server does not say more of than the reason. */
function failed(what: string): Teller {
  return (event) => {
    const { item, reason } = event.about;
    const of = item ? ` (${itemOf(item)})` : '';
    return [who(event), ` tried to ${what}${of}; that was refused or failed, and nothing was changed`, reason ? ` (${reason})` : ''];
  };
}

function switched(event: AuditEvent): Piece[] {
  return [who(event), ...moved(event, event.about.item === null ? 'an unknown item' : itemOf(event.about.item))];
}

function moved({ about: { oldValue, newValue }, settingsVersion }: AuditEvent, what: string): Piece[] {
  const version = settingsVersion ? `, in settings version ${settingsVersion}` : '';
  if (newValue === null) return [` changed the anonymizing of ${what}${version}`];
  const did = oldValue === newValue ? 'left' : 'turned';
  return [` ${did} ${newValue ? 'on' : 'off'} the anonymizing of ${what}${version}`];
}

const CONFIGURATION = /^(.*) \((filter key|correlation key)\)$/s;

/** A switch belongs to a version of the settings, the configuration of a key to none: that, not the text, tells them apart. */
function keyChanged(event: AuditEvent): Piece[] {
  const { item, newValue } = event.about;
  const configured = event.settingsVersion === null && item !== null ? CONFIGURATION.exec(item) : null;
  if (!configured) return [who(event), ...moved(event, item === null ? 'a metadata key' : `the metadata key ${quoted(item)}`)];
  const [, key = '', use = ''] = configured;
  if (newValue === null) return [who(event), ` changed whether the metadata key ${quoted(key)} is a ${use}`];
  return [who(event), ` made the metadata key ${quoted(key)} ${newValue ? `a ${use}` : `a ${use} no longer`}`];
}

function anonymized(event: AuditEvent): Piece[] {
  const values = countsBut(event, 'mediaFiles', 'conversations');
  const planned = countOf(event, 'mediaFiles');
  const done = [
    values.length > 0 ? `${listed(values)} overwritten` : 'no value was left to overwrite',
    planned > 0 ? `${amount(planned, 'mediaFiles')} planned for deletion` : '',
  ];
  return [who(event), ' anonymized ', conversation(event), `${under(event)}: ${done.filter(Boolean).join('; ')}`];
}

const NOT_ANONYMIZED: Record<string, string> = {
  NOT_FOUND: ', but they have no access to such a conversation; nothing was changed',
  NOTHING_SELECTED: ', but the saved settings select no data; nothing was changed',
};

function notAnonymized(event: AuditEvent): Piece[] {
  const { conversation: id, reason } = event.about;
  const count = countOf(event, 'conversations');
  const what = count > 0 ? amount(count, 'conversations') : 'conversations';
  const because = NOT_ANONYMIZED[reason ?? ''] ?? `; that was refused or failed, and nothing was changed${reason ? ` (${reason})` : ''}`;
  return [who(event), ' asked to anonymize ', id ? conversation(event) : what, `${under(event)}${because}`];
}

function requested(event: AuditEvent): Piece[] {
  return [who(event), ' asked the Interaction service to delete ', ...files(event), under(event)];
}

function protectedFrom(event: AuditEvent): Piece[] {
  const { protectedUntil, reason } = event.about;
  const until = protectedUntil ? ` until ${dateAndTime(protectedUntil)}` : ' without an end';
  return [who(event), ' protected ', ...files(event), ` from deletion${until}`, reason ? `: ${quoted(reason)}` : ''];
}

/** A release by date is nobody's action: the named user only anonymized the conversation after it. */
function released(event: AuditEvent): Piece[] {
  if (event.about.reason !== 'EXPIRED') return [who(event), ' released ', ...files(event), ' from protection'];
  return ['The protection of ', ...files(event), ' expired; recorded for ', who(event)];
}

/** The server does not tell a conversation that is new from one that an import changed. */
function imported(event: AuditEvent): Piece[] {
  const brought = countsBut(event, 'mergedConversations', 'conversations');
  const merged = countOf(event, 'mergedConversations');
  return [
    who(event),
    ' added or updated ',
    conversation(event),
    brought.length > 0 ? ` (${listed(brought)})` : '',
    merged > 0
      ? `; ${merged === 1 ? '1 other conversation was' : `${merged} other conversations were`} merged into ${several(event) ? 'them' : 'it'}`
      : '',
  ];
}

function refused(event: AuditEvent): Piece[] {
  const { operation, reason } = event.about;
  const known = operation ? OPERATIONS[operation] : undefined;
  const doing = known?.doing ?? (operation === 'graphql' ? 'the use of the API' : operation ? `the operation ${operation}` : 'a change');
  if (reason === 'UNAUTHENTICATED') return [who(event), ` was refused ${doing}, because they were not signed in`];
  return [who(event), ` was refused ${doing} because ${known ? `the role ${known.role}` : 'a role'} is missing`];
}
