/** Changes what a metadata key is used for. */
import { useState } from 'react';
import type { ConfigureMetadataKeyInput } from '../../api/generated/graphql';
import { mayBeDone } from '../../api/errors';
import { useApiMutation } from '../../api/useApiMutation';
import { errorText } from '../../ui/states';
import { CONFIGURE } from './operations';

/** What stood in the way. */
export interface Refusal {
  /** What is the case: where the connection broke, the server may have changed it before that. */
  title: 'Nothing was changed' | 'This was not confirmed';
  message: string;
  /** Whether the reason is that its values are anonymized; the user may confirm it. */
  isAnonymized: boolean;
}

const NOTHING = 'Nothing was changed';

export type Configure = (input: ConfigureMetadataKeyInput) => Promise<Refusal | undefined>;

export function useConfigure(): { configure: Configure; busy: ReadonlySet<string> } {
  const [run] = useApiMutation(CONFIGURE);
  const [busy, setBusy] = useState<ReadonlySet<string>>(new Set());
  const configure: Configure = async (input) => {
    setBusy((keys) => new Set([...keys, input.key]));
    const { data, error } = await run({ input });
    setBusy((keys) => new Set([...keys].filter((key) => key !== input.key)));
    if (error) return { title: mayBeDone(error) ? 'This was not confirmed' : NOTHING, message: errorText(error), isAnonymized: false };
    const refused = data?.configureMetadataKey.userErrors[0];
    return refused && { title: NOTHING, message: refused.message, isAnonymized: refused.code === 'CORRELATION_KEY' };
  };
  return { configure, busy };
}
