/** The demo as the tests of all clients see it. */
import { createClient, type Client } from 'graphql-ws';
import { inject } from 'vitest';
import WebSocket from 'ws';
import { apiAs, tokenOf, type Ask } from '../e2e/api';

export interface Demo {
  /** The address of the API. */
  api: string;
  /** What the manager's requests have as their header Authorization. */
  authorization: string;
  /** The WebSocket that the manager's subscriptions go over. */
  socket: Client;
  /** A plain client, which the others are compared with. */
  ask: Ask;
}

/** signIn signs the demo's manager in. */
export async function signIn(): Promise<Demo> {
  const where = { url: inject('url') };
  const authorization = `Bearer ${await tokenOf(where, 'manager')}`;
  const api = `${where.url}/graphql`;
  const socket = createClient({
    url: api.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: authorization },
    retryAttempts: 0,
  });
  return { api, authorization, socket, ask: await apiAs(where, 'manager') };
}

/** untouched finds a conversation that no client has anonymized; each client takes another one. */
export async function untouched({ ask }: Demo, which: number): Promise<string> {
  const { conversations } = await ask<{ conversations: { nodes: { id: string }[] } }>(
    '{ conversations(first: 100, orderBy: { field: STARTED_AT, direction: ASC }) { nodes { id anonymization { settingsVersion } } } }',
  );
  return conversations.nodes[which]!.id;
}

/** everyId lists the ids of all conversations, newest first, page by page. */
export async function everyId({ ask }: Demo): Promise<string[]> {
  const query = `query ($after: Cursor) { conversations(first: 100, after: $after) {
    totalCount nodes { id } pageInfo { hasNextPage endCursor } } }`;
  type Page = { totalCount: number; nodes: { id: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
  const ids: string[] = [];
  for (let after: string | null = null; ;) {
    const { conversations: page }: { conversations: Page } = await ask(query, { after });
    ids.push(...page.nodes.map(({ id }) => id));
    if (!page.pageInfo.hasNextPage) {
      if (ids.length !== page.totalCount) throw new Error(`${ids.length} conversations listed of ${page.totalCount}`);
      return ids;
    }
    after = page.pageInfo.endCursor;
  }
}
