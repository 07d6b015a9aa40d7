/** The API's names in plain words, and lengths of time as people say them. */
import type {
  ConversationType,
  Direction,
  MediaKind,
  MessageKind,
  ParticipantRole,
  ReviewabilityReason,
} from '../../api/generated/graphql';

export const TYPE: Record<ConversationType, string> = {
  CALL: 'Call',
  SCREEN_RECORDING: 'Screen recording',
  EMAIL: 'E-mail',
  CHAT: 'Chat',
};

export const DIRECTION: Record<Direction, string> = {
  INBOUND: 'Inbound: a customer began it',
  OUTBOUND: 'Outbound: the contact centre began it',
  INTERNAL: 'Internal: it stayed within the contact centre',
};

export const ROLE: Record<ParticipantRole, string> = {
  CUSTOMER: 'Customer',
  AGENT: 'Agent',
  SUPERVISOR: 'Supervisor',
  BOT: 'Bot',
  OTHER: 'Other',
};

export const KIND: Record<MessageKind, string> = {
  CHAT_MESSAGE: 'Messages',
  EMAIL_BODY: 'E-mails',
  TRANSCRIPT: 'Transcript',
  DIARIZED: 'Diarized transcript',
  SUMMARY: 'Summary',
  TRANSLATION: 'Translation',
};

export const RECORDING: Record<MediaKind, string> = { CALL: 'Call recording', SCREEN: 'Screen recording' };

export const REASON: Record<ReviewabilityReason, string> = {
  UNTOUCHED: 'The conversation was never anonymized.',
  CONTENT_KEPT: 'Its content was not selected when the conversation was anonymized.',
  PROTECTED_MEDIA: 'A protected recording is left.',
  ANONYMIZED: 'Its content is gone, or planned to go.',
};

/** why says in a sentence why a conversation can, or can no longer, be reviewed: by what its segments have in common, else by the part that is left. */
export function why(segments: { anonymized: boolean; reason: ReviewabilityReason }[]): string {
  const left = segments.filter(({ anonymized }) => !anonymized);
  if (segments.length === 1) return REASON[segments[0]!.reason];
  if (left.length === 0) return segments.length === 0 ? 'It has no content.' : 'The content of every segment is gone, or planned to go.';
  if (left.every(({ reason }) => reason === 'UNTOUCHED')) return REASON.UNTOUCHED;
  if (left.length < segments.length) return `${left.length} of ${segments.length} segments can still be reviewed.`;
  return 'No segment has lost its content.';
}

const UNITS = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const;

/** lengthOf says how long something took, in the two largest units: "1 h 39 min"; "not known" for zero, which is how the API says so. */
export function lengthOf(seconds: number): string {
  let left = Math.round(seconds);
  if (left <= 0) return 'not known';
  const parts = UNITS.map(([size, unit]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return { count, unit };
  });
  const first = parts.findIndex(({ count }) => count > 0);
  const said = parts.slice(first, first + 2).filter(({ count }) => count > 0);
  return said.map(({ count, unit }) => `${count} ${unit}`).join(' ');
}

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
