/** What the compliance page holds while somebody works on it, and what can be done. */
import { useState } from 'react';
import type { ApiError } from '../../api/errors';
import { useApiMutation } from '../../api/useApiMutation';
import { beginWith, type History } from './begin';
import { arrived, moved, savedOf, settled, upon, type Draft } from './draft';
import { inputOf } from './items';
import { RESET, SAVE, type Settings } from './operations';
import { useKeeper } from './useKeeper';

/** How the last attempt to save ended. */
export type Attempt =
  | { is: 'none' | 'conflict' }
  | { is: 'saved'; version: number }
  | { is: 'failed'; problem: ApiError }
  /** A correlation key would be switched on; messages say of each what that breaks. */
  | { is: 'correlation'; messages: string[] };

export function useEditor(settings: Settings, history: History | undefined) {
  const [draft, setDraft] = useState(() => beginWith(settings, history));
  const [seen, setSeen] = useState(settings);
  const [attempt, setAttempt] = useState<Attempt>({ is: 'none' });
  const { keeper, keeping } = useKeeper(settings, draft);
  const [runSave, saving] = useApiMutation(SAVE);
  const [runReset, resetting] = useApiMutation(RESET);
  // While one's own save is under way, what it brings about is no news of somebody else's.
  if (seen !== settings && !saving) {
    setSeen(settings);
    setDraft(arrived(draft, savedOf(settings)));
  }

  const take = (next: Draft, how: Attempt = { is: 'none' }) => {
    setDraft(next);
    setAttempt(how);
  };
  const save = async (allowCorrelationKeys = false) => {
    await keeper.quiet();
    const input = { baseVersion: draft.base.version, ...inputOf(draft.edit), allowCorrelationKeys };
    const { data, error } = await runSave({ input });
    const answer = data?.saveComplianceSettings;
    if (!answer?.settings) return setAttempt({ is: 'failed', problem: error ?? refusal('The server sent no data.') });
    const now = savedOf(answer.settings);
    const messages = answer.userErrors.map(({ message }) => message);
    switch (answer.userErrors[0]?.code) {
      case undefined:
        keeper.usedUp();
        setDraft((latest) => afterSave(latest, now));
        return setAttempt({ is: 'saved', version: now.version });
      case 'CONFLICT':
        setDraft((latest) => arrived(latest, now));
        return setAttempt({ is: 'conflict' });
      case 'CORRELATION_KEY':
        return setAttempt({ is: 'correlation', messages });
      default:
        setAttempt({ is: 'failed', problem: refusal(messages.join(' ')) });
    }
  };
  const reset = async () => {
    await keeper.quiet();
    const { data, error } = await runReset({});
    const now = data?.resetComplianceSettings.settings;
    if (!now) return error;
    keeper.usedUp();
    take(upon(savedOf(now)));
  };
  return {
    draft,
    attempt,
    keeping,
    saving,
    resetting,
    keep: keeper.flush,
    move: (ids: ReadonlySet<string>, on: boolean) => {
      const next = moved(draft, ids, on);
      take(next.edit.size > 0 ? next : arrived(next, next.current));
    },
    settle: (mine: ReadonlySet<string>) => take(settled(draft, mine)),
    dismissNews: () => setDraft({ ...draft, news: null }),
    forgetAttempt: () => setAttempt({ is: 'none' }),
    save,
    reset,
  };
}

export type Editing = ReturnType<typeof useEditor>;

/** afterSave keeps what was moved while the save was under way. */
const afterSave = (draft: Draft, now: Draft['current']): Draft =>
  settled({ ...draft, current: now }, new Set(now.items.map(({ id }) => id)));

const refusal = (message: string): ApiError => ({ kind: 'invalid', message, requestId: null });
