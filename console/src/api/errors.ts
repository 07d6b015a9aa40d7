/** What can go wrong with an operation, in the few kinds that a page tells apart. */
import type { CombinedError } from 'urql';

export type ApiErrorKind =
  | 'forbidden'
  | 'invalid'
  /** The server cannot be reached. */
  | 'offline'
  /** The server is there and cannot answer just now. */
  | 'unavailable'
  /** The server did nothing, since too much was asked of it. */
  | 'limited'
  /** The server gave up before it was done. */
  | 'timeout'
  | 'internal';

export interface ApiError {
  kind: ApiErrorKind;
  /** What is wrong, for people. */
  message: string;
  /** By which the server's log finds what went wrong; only of internal errors. */
  requestId: string | null;
  /** The argument that is wrong, such as "after"; only of invalid ones. */
  argument?: string;
  /** After how many milliseconds it is worth asking again; only where the server is to blame and a repeat helps. */
  againAfterMs?: number;
}

/** mayBeDone reports whether the server may have made a change that failed: the answer got lost, or came too late. */
export const mayBeDone = ({ kind }: ApiError): boolean => kind === 'offline' || kind === 'unavailable' || kind === 'timeout';

/** toApiError maps what urql reports. UNAUTHENTICATED never gets here: client.ts handles it. */
export function toApiError(error: CombinedError): ApiError {
  const response = error.response as Response | undefined;
  if (error.networkError) return offline(response);
  const first = error.graphQLErrors[0];
  const message = first?.message ?? error.message;
  const requestId = response?.headers.get('X-Request-Id') ?? null;
  switch (first?.extensions.code) {
    case 'FORBIDDEN':
      return { kind: 'forbidden', message, requestId: null };
    case 'UNAVAILABLE':
      return { kind: 'unavailable', message, requestId, againAfterMs: againAfter(response) };
    case 'RATE_LIMITED':
      return { kind: 'limited', message, requestId: null, againAfterMs: againAfter(response) };
    case 'TIMEOUT':
      return { kind: 'timeout', message, requestId: null };
    case 'INTERNAL':
      return { kind: 'internal', message: 'Something went wrong on the server.', requestId };
    default:
      return { kind: 'invalid', message, requestId: null, ...argumentOf(first?.extensions.field) };
  }
}

const argumentOf = (field: unknown): Pick<ApiError, 'argument'> =>
  Array.isArray(field) && field.length > 0 ? { argument: String(field.at(-1)) } : {};

/** againAfter reads the header Retry-After, which the server gives in seconds. */
function againAfter(response: Response | undefined): number {
  const seconds = Number(response?.headers.get('Retry-After'));
  return Math.max(1, Number.isFinite(seconds) ? seconds : 1) * 1000;
}

function offline(response: Response | undefined): ApiError {
  const message = response ? `The server returned status ${response.status}.` : 'The server cannot be reached.';
  return { kind: 'offline', message, requestId: response?.headers.get('X-Request-Id') ?? null };
}
