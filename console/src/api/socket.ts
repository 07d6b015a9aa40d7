/**
 * Events that the server pushes, over WebSocket (graphql-transport-ws). A subscription lasts as long as somebody listens: a lost connection is
 * made again with growing delays, and one that ended with its token is begun anew with the next.
 */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { stringifyDocument } from '@urql/core';
import { createClient, type Client } from 'graphql-ws';
import { createContext } from 'react';
import type { Session } from '../auth/session';
import { tryAgain } from './connection';

export interface Listener<Data> {
  next: (data: Data) => void;
  /** The connection was away: something may have been missed, so ask anew. */
  gap?: () => void;
}

export interface Socket {
  listen<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables, listener: Listener<Data>): () => void;
  /** Keeps the connection's token the current one until the function that it returns is called. */
  follow(): () => void;
}

export const SocketContext = createContext<Socket | null>(null);

const ANEW_AFTER_MS = 2_000;

export function newSocket(session: Session): Socket {
  const client = createClient({
    url: `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/graphql`,
    connectionParams: async () => ({ Authorization: `Bearer ${await session.token()}` }),
    retryAttempts: Infinity,
    shouldRetry: () => true,
    onNonLazyError: () => undefined,
    on: { closed: () => void tryAgain() }, // the first to notice a server that went away
  });
  return {
    listen: (document, variables, listener) => listenAgain(client, document, variables, listener),
    follow: () => follow(client, session),
  };
}

/** follow makes the connection again when the token has changed. */
function follow(client: Client, session: Session): () => void {
  let token = session.current;
  const unsubscribe = session.subscribe(() => {
    if (session.current === token) return;
    token = session.current;
    client.terminate();
  });
  return () => {
    unsubscribe();
    void client.dispose();
  };
}

function listenAgain<Data, Variables>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  { next, gap }: Listener<Data>,
): () => void {
  let stop = () => undefined as void;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const again = () => (timer = setTimeout(begin, ANEW_AFTER_MS, true));
  const payload = { query: stringifyDocument(document), variables: variables as Record<string, unknown> };
  function begin(missed = false) {
    stop = client.subscribe<Data>(payload, { next: ({ data }) => data && next(data), error: again, complete: () => ended && again() });
    if (missed) gap?.();
  }
  let ended = true;
  const unlisten = client.on('connected', (_socket, _payload, retrying) => retrying && gap?.());
  begin();
  return () => {
    ended = false;
    clearTimeout(timer);
    unlisten();
    stop();
  };
}
