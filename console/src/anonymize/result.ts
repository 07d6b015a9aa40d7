/** What came of it, in numbers, and conversation by conversation where it failed. */
import type { AnonymizeConversationsMutation, ConversationType } from '../api/generated/graphql';
import type { Preview } from './operations';

export interface Result {
  done: number;
  /** How many of them have recordings that are planned for deletion now. */
  planned: number;
  /** How many of them cannot be reviewed now. */
  notReviewable: number;
  settingsVersion: number | null;
  failures: Failure[];
}

export interface Failure {
  id: string;
  /** What the preview knew of it. */
  known: { startedAt: string; types: ConversationType[] } | undefined;
  message: string;
}

type Payload = AnonymizeConversationsMutation['anonymizeConversations'];

export function toResult({ conversations, settingsVersion, userErrors }: Payload, ids: string[], preview: Preview): Result {
  const done = conversations ?? [];
  const known = new Map(preview.conversations.map(({ conversation }) => [conversation.id, conversation]));
  return {
    done: done.length,
    planned: done.filter(({ mediaStatus }) => mediaStatus === 'PLANNED_FOR_DELETION').length,
    notReviewable: done.filter(({ reviewability }) => !reviewability.reviewable).length,
    settingsVersion: settingsVersion ?? null,
    failures: userErrors.map(({ message, field }) => {
      const id = ids[Number(field?.at(-1))] ?? '';
      return { id, known: known.get(id), message };
    }),
  };
}
