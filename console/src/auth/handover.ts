/**
 * GraphiQL opens in a tab of its own, and asks the page that opened it for the token whenever it needs one: so it is always the current one, and
 * it stands in no address and in no storage. Only a page of this very origin is answered.
 */
import type { Session } from './session';

export const ASK = 'qm-compliance/token?';
export const ANSWER = 'qm-compliance/token';

/** answerGraphiQL answers until the function that it returns is called. */
export function answerGraphiQL(session: Session, name: string): () => void {
  const answer = (event: MessageEvent<{ type?: string } | null>) => {
    if (event.origin !== location.origin || event.data?.type !== ASK) return;
    event.source?.postMessage({ type: ANSWER, accessToken: session.current, name }, { targetOrigin: location.origin });
  };
  window.addEventListener('message', answer);
  return () => window.removeEventListener('message', answer);
}
