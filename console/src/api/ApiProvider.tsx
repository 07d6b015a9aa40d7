/** Gives pages the API: a client, and the socket for events that the server pushes. */
import { useEffect, useMemo, useReducer, useState, type ReactNode } from 'react';
import { Provider, type Client } from 'urql';
import type { Session } from '../auth/session';
import { useSession } from '../auth/useSession';
import { newClient } from './client';
import { PageState, PageStateContext } from './pageState';
import { MemoryContext } from './forget';
import { newSocket, SocketContext } from './socket';

interface Held {
  epoch: number;
  client: Client;
  session: Session;
}

const begin = (session: Session): Held => ({ epoch: 0, client: newClient(session), session });

/** anew stands outside of the component: a function in it would hold on to the client that is to be forgotten, with all its answers. */
const anew = ({ epoch, session }: Held): Held => ({ epoch: epoch + 1, client: newClient(session), session });

export function ApiProvider({ children }: { children: ReactNode }) {
  const { session } = useSession();
  const [held, forget] = useReducer(anew, session, begin);
  const memory = useMemo(() => ({ epoch: held.epoch, forget }), [held.epoch, forget]);
  const [socket] = useState(() => newSocket(session));
  const [pageState] = useState(() => new PageState());
  useEffect(() => socket.follow(), [socket]);
  return (
    <Provider value={held.client}>
      <MemoryContext value={memory}>
        <SocketContext value={socket}>
          <PageStateContext value={pageState}>{children}</PageStateContext>
        </SocketContext>
      </MemoryContext>
    </Provider>
  );
}
