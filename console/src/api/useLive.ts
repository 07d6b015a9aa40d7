/** A subscription for a component: it listens while the component is on view. */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { useContext, useEffect, useEffectEvent } from 'react';
import { SocketContext, type Listener } from './socket';

/** useLive listens with what next and gap are at the time; pause keeps it from listening. */
export function useLive<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  listener: Listener<Data>,
  pause = false,
): void {
  const socket = useContext(SocketContext);
  const next = useEffectEvent((data: Data) => listener.next(data));
  const gap = useEffectEvent(() => listener.gap?.());
  const key = JSON.stringify(variables);
  useEffect(() => {
    if (pause || !socket) return;
    return socket.listen(document, JSON.parse(key) as Variables, { next: (data) => next(data), gap: () => gap() });
  }, [socket, document, key, pause]);
}
