/** Why a conversation can, or can no longer, be reviewed. */
import type { ReviewabilityReason } from '../../api/generated/graphql';
import type { Segment } from './query';

export const REASON: Record<ReviewabilityReason, string> = {
  UNTOUCHED: 'The conversation was never anonymized.',
  CONTENT_KEPT: 'The settings kept its content when the conversation was anonymized.',
  PROTECTED_MEDIA: 'A protected recording is kept.',
  ANONYMIZED: 'Its content was removed or is planned for deletion.',
};

/** why says in a sentence why a conversation can, or can no longer, be reviewed: by what its segments have in common, else by the part that is left. */
export function why(segments: Pick<Segment, 'isAnonymized' | 'reviewabilityReason'>[]): string {
  const left = segments.filter(({ isAnonymized }) => !isAnonymized);
  if (segments.length === 1) return REASON[segments[0]!.reviewabilityReason];
  if (left.length === 0)
    return segments.length === 0 ? 'It has no content.' : 'The content of every segment was removed or is planned for deletion.';
  if (left.every(({ reviewabilityReason }) => reviewabilityReason === 'UNTOUCHED')) return REASON.UNTOUCHED;
  if (left.length < segments.length) return `${left.length} of ${segments.length} segments can still be reviewed.`;
  return 'The content of every segment is kept.';
}
