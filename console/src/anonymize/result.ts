/** What came of it, in numbers, and conversation by conversation where it failed. */
import type { AnonymizeConversationsMutation, ConversationType } from '../api/generated/graphql';
import type { Preview } from './operations';

export interface Result {
  /** How many conversations something was done to. */
  done: number;
  /** How many were anonymized already, so that nothing changed. */
  unchanged: number;
  /** How many of them had recordings planned for deletion. */
  planned: number;
  /** How many of them could be reviewed, and cannot now. */
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

/** toResult counts what was done, by what the preview said of each conversation: what was so before was not done now. */
export function toResult({ conversations, settingsVersion, userErrors }: Payload, ids: string[], preview: Preview): Result {
  const before = new Map(preview.conversations.map((row) => [row.conversation.id, row]));
  const all = (conversations ?? []).map((now) => ({ now, before: before.get(now.id) }));
  const done = all.filter((row) => !row.before?.isUnchanged);
  return {
    done: done.length,
    unchanged: all.length - done.length,
    planned: done.filter((row) => plans(row.before) && row.now.mediaStatus !== 'AVAILABLE').length,
    notReviewable: done.filter((row) => !row.now.isReviewable && row.before?.isReviewableBefore !== false).length,
    settingsVersion: settingsVersion ?? null,
    failures: userErrors.map(({ message, field }) => {
      const id = ids[Number(field?.at(-1))] ?? '';
      return { id, known: before.get(id)?.conversation, message };
    }),
  };
}

const plans = (row: Preview['conversations'][number] | undefined): boolean => row?.effect.media.some(({ planned }) => planned > 0) ?? false;
