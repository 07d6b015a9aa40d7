/** The session, for components. */
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { SignInConfig } from './config';
import type { Session, SessionState } from './session';

export const SessionContext = createContext<{ session: Session; config: SignInConfig } | null>(null);

export function useSession(): { session: Session; config: SignInConfig; state: SessionState } {
  const context = useContext(SessionContext);
  if (!context) throw new Error('useSession needs a SessionContext around it');
  return { ...context, state: useSyncExternalStore(context.session.subscribe, context.session.state) };
}
