/** What anonymizing would do, in words. */
import type { MediaKind, MessageKind, ReviewabilityReason } from '../api/generated/graphql';
import { counted } from '../ui/format';
import type { Effect, Preview } from './operations';

export const conversations = (n: number): string => counted(n, 'conversation');

const MESSAGES: Record<MessageKind, [one: string, many: string]> = {
  CHAT_MESSAGE: ['chat message', 'chat messages'],
  EMAIL_BODY: ['e-mail body', 'e-mail bodies'],
  TRANSCRIPT: ['transcript', 'transcripts'],
  DIARIZED: ['transcript by speaker', 'transcripts by speaker'],
  SUMMARY: ['summary', 'summaries'],
  TRANSLATION: ['translation', 'translations'],
};

/** overwritten lists the values by kind, but for metadata. */
export function overwritten({ phoneNumbers, digitalAddresses, subjects, messages }: Effect): string[] {
  return [
    phoneNumbers && counted(phoneNumbers, 'phone number'),
    digitalAddresses &&
      counted(digitalAddresses, 'e-mail address, IP address or chat handle', 'e-mail addresses, IP addresses and chat handles'),
    subjects && counted(subjects, 'subject or chat room name', 'subjects and chat room names'),
    ...messages.map(({ kind, count: n }) => n && counted(n, ...MESSAGES[kind])),
  ].filter((line) => typeof line === 'string');
}

/** overwrittenKeys lists the metadata keys with their numbers; the keys themselves stay. */
export const overwrittenKeys = ({ customData, otherData }: Effect) =>
  [...customData, ...otherData].map(({ key, count: n }) => ({ key, values: counted(n, 'value') }));

const MEDIA: Record<MediaKind, string> = { CALL: 'call recording', SCREEN: 'screen recording' };

/** deleted lists the recordings that would be planned for deletion. */
export const deleted = ({ media }: { media: Pick<Effect['media'][number], 'kind' | 'planned'>[] }): string[] =>
  media.filter(({ planned }) => planned > 0).map(({ kind, planned }) => counted(planned, MEDIA[kind]));

/** stays lists the recordings that nothing happens to, with the reason. */
export function stays({ media }: Effect): string[] {
  return media.flatMap(({ kind, protected: held, kept, alreadyPlanned, deleted: gone, missing }) =>
    [
      held && `${counted(held, MEDIA[kind])} (protected)`,
      kept && `${counted(kept, MEDIA[kind])} (Media files is off)`,
      alreadyPlanned && `${counted(alreadyPlanned, MEDIA[kind])} (already planned for deletion)`,
      gone && `${counted(gone, MEDIA[kind])} (already deleted)`,
      missing && `${counted(missing, MEDIA[kind])} (missing; deleted if an import adds ${missing === 1 ? 'it' : 'them'})`,
    ].filter((line) => typeof line === 'string'),
  );
}

const WHY: Record<ReviewabilityReason, string> = {
  UNTOUCHED: '',
  ANONYMIZED: '',
  CONTENT_KEPT: 'because the settings keep their content',
  PROTECTED_MEDIA: 'because a protected recording is kept',
};

/** review says what becomes of reviewing. */
export function review({ reviewEndsCount, notReviewableCount, staysReviewable }: Preview): string[] {
  return [
    reviewEndsCount && `${conversations(reviewEndsCount)} can no longer be reviewed`,
    ...staysReviewable.map(({ reason, count: n }) => `${conversations(n)} ${n === 1 ? 'stays' : 'stay'} reviewable, ${WHY[reason]}`),
    notReviewableCount && `${conversations(notReviewableCount)} ${notReviewableCount === 1 ? 'was' : 'were'} already not reviewable`,
  ].filter((line) => typeof line === 'string');
}

type Row = Preview['conversations'][number];

/** outcome says in a line what would become of one conversation. */
export function outcome({ isUnchanged, isReviewableBefore, isReviewableAfter, effect }: Row): string {
  if (isUnchanged) return 'no change: already anonymized';
  const held = effect.media.reduce((sum, media) => sum + media.protected, 0);
  return [
    `${counted(effect.valueCount, 'value')} overwritten`,
    ...deleted(effect).map((line) => `${line} deleted`),
    ...(held ? [`${counted(held, 'recording')} protected`] : []),
    ...(isReviewableBefore && !isReviewableAfter ? ['no longer reviewable'] : []),
  ].join(', ');
}
