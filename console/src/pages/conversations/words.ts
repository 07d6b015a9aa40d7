/** The words of the Conversation Explorer. */
import type { ConversationType, MediaStatus, ParticipantRole } from '../../api/generated/graphql';
import type { OrderName } from './view';

export const TYPE_NAMES: Record<ConversationType, string> = {
  CALL: 'Call',
  SCREEN_RECORDING: 'Screen recording',
  EMAIL: 'E-mail',
  CHAT: 'Chat',
};

export const MEDIA_NAMES: Record<MediaStatus, string> = {
  NONE: 'Never any media',
  AVAILABLE: 'Available',
  PLANNED_FOR_DELETION: 'Planned for deletion of media files',
  DELETED: 'Deleted',
};

export const ROLE_NAMES: Record<ParticipantRole, string> = {
  CUSTOMER: 'Customer',
  AGENT: 'Agent',
  SUPERVISOR: 'Supervisor',
  BOT: 'Bot',
  OTHER: 'Other',
};

export const ORDER_NAMES: Record<OrderName, string> = {
  newest: 'Newest first',
  oldest: 'Oldest first',
  longest: 'Longest first',
  shortest: 'Shortest first',
};

const SECONDS = { d: 86_400, h: 3_600, min: 60, s: 1 };

/** duration says a length of time in its two largest units: "1 min 9 s", "2 d 3 h". */
export function duration(seconds: number): string {
  let left = Math.round(seconds);
  const parts: string[] = [];
  for (const [unit, size] of Object.entries(SECONDS)) {
    const n = Math.floor(left / size);
    left -= n * size;
    if (n > 0 || parts.length > 0) parts.push(n > 0 ? `${n} ${unit}` : '');
  }
  return parts.slice(0, 2).filter(Boolean).join(' ') || '0 s';
}

export const zone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
