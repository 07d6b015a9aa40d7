/** What anonymizing would do, kept current while somebody decides: others anonymize, save settings, and delete recordings meanwhile. */
import { useState } from 'react';
import { useApiQuery, type ApiQuery } from '../api/useApiQuery';
import { useCoalesced } from '../api/useCoalesced';
import { useLive } from '../api/useLive';
import type { AnonymizationPreviewQuery } from '../api/generated/graphql';
import { CONVERSATION_CHANGED, PREVIEW, SETTINGS_CHANGED, type Preview } from './operations';

interface Known {
  ids: string[];
  first: Preview;
  last: Preview;
}

export interface Previewing {
  query: ApiQuery<AnonymizationPreviewQuery>;
  /** The last one; it stays while it is asked anew. */
  preview: Preview | undefined;
  changed: 'settings' | 'conversations' | undefined;
}

export function usePreview(ids: string[], still: boolean): Previewing {
  const query = useApiQuery(PREVIEW, { variables: { ids }, pause: still || ids.length === 0 });
  const [known, setKnown] = useState<Known>();
  const answered = query.data?.anonymizationPreview;
  const of = known?.ids === ids ? known : undefined;
  if (answered && !still && answered !== of?.last && !query.fetching) setKnown({ ids, first: of?.first ?? answered, last: answered });
  const again = useCoalesced(query.refetch);
  const listener = { next: again, gap: again };
  useLive(CONVERSATION_CHANGED, { ids }, listener, still || ids.length === 0);
  useLive(SETTINGS_CHANGED, {}, listener, still);
  return { query, preview: of?.last, changed: of && difference(of.first, of.last) };
}

function difference(first: Preview, last: Preview): Previewing['changed'] {
  if (first.settingsVersion !== last.settingsVersion) return 'settings';
  return JSON.stringify(first) === JSON.stringify(last) ? undefined : 'conversations';
}
