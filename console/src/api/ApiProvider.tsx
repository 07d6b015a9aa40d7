/** Gives pages the API: a client, and the socket for what the server tells by itself. */
import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { Provider } from 'urql';
import { useSession } from '../auth/useSession';
import { newClient } from './client';
import { DeskContext } from './desk';
import { MemoryContext } from './forget';
import { newSocket, SocketContext } from './socket';

export function ApiProvider({ children }: { children: ReactNode }) {
  const { session } = useSession();
  const [held, setHeld] = useState(() => ({ epoch: 0, client: newClient(session) }));
  const forget = useCallback(() => setHeld(({ epoch }) => ({ epoch: epoch + 1, client: newClient(session) })), [session]);
  const memory = useMemo(() => ({ epoch: held.epoch, forget }), [held.epoch, forget]);
  const [socket] = useState(() => newSocket(session));
  const [desk] = useState(() => new Map<string, unknown>());
  useEffect(() => socket.follow(), [socket]);
  return (
    <Provider value={held.client}>
      <MemoryContext value={memory}>
        <SocketContext value={socket}>
          <DeskContext value={desk}>{children}</DeskContext>
        </SocketContext>
      </MemoryContext>
    </Provider>
  );
}
