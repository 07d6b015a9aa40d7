/** Whether the viewer may see a conversation that an event is about; where that is not so, nothing leads to it. */
import { useApiQuery } from '../../api/useApiQuery';
import { useMay } from '../../auth/viewer';
import { SEEN } from './events';

/** useSeen asks the server only for those who see some conversations and not others. */
export function useSeen(id: string): boolean {
  const explorer = useMay('VIEW_CONVERSATIONS_SCREEN');
  const all = useMay('INTERACTIONS_FULL_VIEW');
  const { data } = useApiQuery(SEEN, { variables: { id }, pause: !explorer || all });
  return explorer && (all || data?.conversation != null);
}
