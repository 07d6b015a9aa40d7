/** Reads every event that a filter lets through, page by page. */
import type { Client } from 'urql';
import { toApiError, type ApiError } from '../../api/errors';
import type { AuditEventFilter } from '../../api/generated/graphql';
import type { Recorded } from './csv';
import { EVENTS } from './queries';

/** As many as the API gives at once. */
const AT_ONCE = 100;

export interface Reading {
  filter: AuditEventFilter;
  signal: AbortSignal;
  page: (events: Recorded[]) => void;
}

export type Read = 'all' | 'cancelled' | ApiError;

/** readAll hands over page after page. It holds none of them itself. */
export async function readAll(client: Client, { filter, signal, page }: Reading): Promise<Read> {
  let after: string | null = null;
  for (;;) {
    const variables: { first: number; after: string | null; filter: AuditEventFilter } = { first: AT_ONCE, after, filter };
    const { data, error } = await client.query(EVENTS, variables, { requestPolicy: 'network-only' });
    if (signal.aborted) return 'cancelled';
    if (error) return toApiError(error);
    if (!data) return { kind: 'internal', message: 'The server sent no data.', requestId: null };
    const { nodes, pageInfo } = data.auditEvents;
    page(nodes);
    after = pageInfo.endCursor ?? null;
    if (!pageInfo.hasNextPage || after === null) return 'all';
  }
}
