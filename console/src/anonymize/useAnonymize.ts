/**
 * Anonymizing, from the preview to what came of it. It is sent once however often somebody presses, and only under the settings that the preview
 * showed; where the answer got lost or was an error, it claims neither that it was done nor that it was not before the server was asked anew.
 */
import { useContext, useRef, useState } from 'react';
import { PageStateContext } from '../api/pageState';
import type { ApiError } from '../api/errors';
import { useForget } from '../api/forget';
import { useApiMutation } from '../api/useApiMutation';
import { ANONYMIZE, type Preview, type Problem } from './operations';
import { toResult, type Result } from './result';
import { usePreview } from './usePreview';

export type Phase =
  | { at: 'asking'; refused?: ApiError }
  | { at: 'doing' }
  /** The answer was lost, or was an error: it may have been done. */
  | { at: 'unsure'; error: ApiError }
  | { at: 'done'; result: Result };

export interface Anonymizing {
  phase: Phase;
  ids: string[];
  /** What would happen; after an answer that tells nothing, only what was found out since. */
  preview: Preview | undefined;
  /** The preview is not what it was when the dialog opened. */
  changed: 'settings' | 'conversations' | undefined;
  query: ReturnType<typeof usePreview>['query'];
  anonymize: () => Promise<void>;
  /** Goes on without the conversations that a problem is about. */
  leaveOut: (problems: Problem[]) => void;
}

export function useAnonymize(given: string[], onDone: () => void): Anonymizing {
  const [ids, setIds] = useState(given);
  const [phase, setPhase] = useState<Phase>({ at: 'asking' });
  const { query, preview, changed } = usePreview(ids, phase.at === 'doing' || phase.at === 'done');
  const [execute] = useApiMutation(ANONYMIZE);
  const forget = useForget();
  const pageState = useContext(PageStateContext);
  const sent = useRef(false);

  const anonymize = async () => {
    if (sent.current || !preview) return;
    sent.current = true;
    setPhase({ at: 'doing' });
    const { data, error } = await execute({ ids, settingsVersion: preview.settingsVersion });
    const next = after(data?.anonymizeConversations, error, ids, preview);
    sent.current = false;
    setPhase(next);
    if (next.at !== 'asking' || !next.refused) forget();
    if (next.at === 'done') {
      pageState.drop();
      onDone();
    }
  };

  const leaveOut = (problems: Problem[]) => setIds(ids.filter((_, at) => !problems.some(({ field }) => field?.at(-1) === String(at))));
  const known = phase.at === 'unsure' && !query.data ? undefined : preview; // forgetting took the answer of before, not the preview
  return { phase, ids, preview: known, changed, query, anonymize, leaveOut };
}

type Payload = Parameters<typeof toResult>[0];

/** The server says so before it begins. */
const DID_NOTHING: ApiError['kind'][] = ['forbidden', 'limited'];

/** after tells what came of it. A server that fails, or runs out of time, may do so after it was done, while it puts its answer together. */
function after(payload: Payload | undefined, error: ApiError | undefined, ids: string[], preview: Preview): Phase {
  if (error && !DID_NOTHING.includes(error.kind)) return { at: 'unsure', error };
  if (error || !payload) return { at: 'asking', refused: error };
  if (payload.userErrors.some(({ code }) => code !== 'NOT_FOUND')) return { at: 'asking' };
  return { at: 'done', result: toResult(payload, ids, preview) };
}
