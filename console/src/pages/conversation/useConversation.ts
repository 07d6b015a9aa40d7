/**
 * One conversation, followed live. Every change is asked for anew; where anybody anonymized it meanwhile, all that this browser keeps is
 * forgotten first: nothing of before is left on the page, nor comes back from a page visited earlier.
 */
import { useEffect, useRef } from 'react';
import { useForget } from '../../api/forget';
import { useApiQuery, type ApiQuery } from '../../api/useApiQuery';
import { useLive } from '../../api/useLive';
import { useMay } from '../../auth/viewer';
import type { ConversationQuery } from '../../api/generated/graphql';
import { CHANGED, CONVERSATION } from './query';

export function useConversation(id: string): ApiQuery<ConversationQuery> {
  const mayProtect = useMay('MANAGE_DATA_LIFECYCLE');
  const query = useApiQuery(CONVERSATION, { variables: { id, mayProtect }, fresh: true });
  const forgetBefore = useForgetBefore(query);
  const next = (anonymizedAt: string | undefined) => forgetBefore(anonymizedAt) || query.refetch();
  const listener = {
    next: ({ conversationChanged }: { conversationChanged: { anonymization: { anonymizedAt: string } | null } }) =>
      void next(conversationChanged.anonymization?.anonymizedAt),
    gap: query.refetch,
  };
  useLive(CHANGED, { ids: [id] }, listener, isAbsent(query));
  return query;
}

/** isAbsent tells that there is no such conversation for the viewer, be it that the id is none. */
export const isAbsent = ({ data, error }: ApiQuery<ConversationQuery>): boolean => data?.conversation === null || error?.kind === 'invalid';

/** useForgetBefore returns the function that forgets everything where the time of the last anonymizing is not the one that the page knows, and tells whether it did. */
function useForgetBefore({ data }: ApiQuery<ConversationQuery>): (at: string | undefined) => boolean {
  const forget = useForget();
  const known = useRef<{ at: string | undefined }>(null);
  const check = (at: string | undefined) => {
    const changed = known.current !== null && known.current.at !== at;
    known.current = { at };
    if (changed) forget();
    return changed;
  };
  // An answer may tell first: after a lost connection nothing else does.
  useEffect(() => {
    if (data?.conversation) check(data.conversation.anonymization?.anonymizedAt);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [data]);
  return check;
}
