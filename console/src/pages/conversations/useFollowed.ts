/**
 * The page of conversations on view, following what others do. A change is shown at once in its row, which stays where it is; then the page is asked for anew. Where
 * somebody anonymized, everything that is kept is forgotten as well: answers of other pages may hold what was removed.
 */
import { useContext, useRef, useState } from 'react';
import type { ConversationListQuery } from '../../api/generated/graphql';
import { MemoryContext } from '../../api/forget';
import type { ApiQuery } from '../../api/useApiQuery';
import { useCoalesced } from '../../api/useCoalesced';
import { useLive } from '../../api/useLive';
import { CHANGED, type Row } from './listing';

export type ListPage = ConversationListQuery['conversations'];

interface Shown {
  /** What was asked; it is not shown as the answer to anything else. */
  key: string;
  answer: ListPage;
  page: ListPage;
  /** It is not shown any more when everything is forgotten; a lost connection does not take it away. */
  epoch: number;
}

export interface Followed {
  page: ListPage | undefined;
  drop: () => void;
}

/** useFollowed is given, with the query, a key of what it asks. */
export function useFollowed(query: ApiQuery<ConversationListQuery>, key: string, again: () => void): Followed {
  const { epoch, forget } = useContext(MemoryContext);
  const [shown, setShown] = useState<Shown>();
  const answer = query.data?.conversations;
  if (answer && answer !== shown?.answer) setShown({ key, answer, page: answer, epoch });
  if (!answer && shown && (shown.epoch !== epoch || shown.key !== key)) setShown(undefined);

  const changes = useRef<Row[]>([]);
  const follow = useCoalesced(() => {
    const changed = new Map(changes.current.splice(0).map((row) => [row.id, row]));
    const removed = shown?.page.nodes.some((row) => isNewlyAnonymized(row, changed.get(row.id))) ?? false;
    // Without what was removed, the page may outlive the forgetting.
    setShown(shown && { ...shown, page: patched(shown.page, changed), epoch: removed ? epoch + 1 : epoch });
    if (removed) forget();
    else again();
  });
  const next = ({ conversationChanged }: { conversationChanged: Row }) => {
    changes.current.push(conversationChanged);
    follow();
  };
  const ids = shown?.page.nodes.map(({ id }) => id).toSorted() ?? [];
  useLive(CHANGED, { ids }, { next, gap: again }, ids.length === 0);
  const holds = shown?.key === key && (answer !== undefined || shown.epoch === epoch);
  return { page: holds ? shown.page : undefined, drop: () => setShown(undefined) };
}

const isNewlyAnonymized = (before: Row, after: Row | undefined): boolean =>
  after !== undefined && after.anonymization?.anonymizedAt !== before.anonymization?.anonymizedAt;

const patched = (page: ListPage, changed: Map<string, Row>): ListPage => ({
  ...page,
  nodes: page.nodes.map((row) => changed.get(row.id) ?? row),
});
