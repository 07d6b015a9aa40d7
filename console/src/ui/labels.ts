/** The API's names in plain words. A name that is new in the API does not compile until it has its words here. */
import type {
  ConversationType,
  Direction,
  MediaKind,
  MediaStatus,
  MessageKind,
  ParticipantRole,
  ProtectionReason,
} from '../api/generated/graphql';

export const TYPE: Record<ConversationType, string> = {
  CALL: 'Call',
  SCREEN_RECORDING: 'Screen recording',
  EMAIL: 'E-mail',
  CHAT: 'Chat',
};

export const DIRECTION: Record<Direction, string> = {
  INBOUND: 'Inbound',
  OUTBOUND: 'Outbound',
  INTERNAL: 'Internal',
};

export const ROLE: Record<ParticipantRole, string> = {
  CUSTOMER: 'Customer',
  AGENT: 'Agent',
  SUPERVISOR: 'Supervisor',
  BOT: 'Bot',
  OTHER: 'Other',
};

export const MESSAGE: Record<MessageKind, string> = {
  CHAT_MESSAGE: 'Messages',
  EMAIL_BODY: 'E-mails',
  TRANSCRIPT: 'Transcript',
  DIARIZED: 'Transcript by speaker',
  SUMMARY: 'Summary',
  TRANSLATION: 'Translation',
};

export const RECORDING: Record<MediaKind, string> = { CALL: 'Call recording', SCREEN: 'Screen recording' };

export const PROTECTION: Record<ProtectionReason, string> = {
  MIFID: 'MiFID II',
  LEGAL_CLAIM: 'Legal claim',
  COMPLAINT: 'Complaint',
  REGULATOR: 'Request of a regulator',
  OTHER: 'Another reason',
};

export const MEDIA: Record<MediaStatus, string> = {
  NONE: 'No media',
  AVAILABLE: 'Available',
  PLANNED_FOR_DELETION: 'Planned for deletion of media files',
  DELETED: 'Deleted',
  MISSING: 'Recordings missing',
};

/** mediaWords says what became of the media of a conversation; protected files are left where the others go. */
export function mediaWords(status: MediaStatus, protectedFiles: number): string {
  const partly = protectedFiles > 0 && (status === 'DELETED' || status === 'PLANNED_FOR_DELETION');
  return partly ? `Partly ${MEDIA[status].toLowerCase()}` : MEDIA[status];
}
