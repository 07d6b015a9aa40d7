/** What can go wrong with an operation, in the few kinds that a page tells apart. */
import type { CombinedError } from 'urql';

export type ApiErrorKind = 'forbidden' | 'invalid' | 'offline' | 'internal';

export interface ApiError {
  kind: ApiErrorKind;
  /** What is wrong, for people. */
  message: string;
  /** By which the server's log finds what went wrong; only of internal errors. */
  requestId: string | null;
}

/** toApiError maps what urql reports. UNAUTHENTICATED never gets here: client.ts mends it. */
export function toApiError(error: CombinedError): ApiError {
  const response = error.response as Response | undefined;
  if (error.networkError) return offline(response);
  const first = error.graphQLErrors[0];
  const message = first?.message ?? error.message;
  switch (first?.extensions.code) {
    case 'FORBIDDEN':
      return { kind: 'forbidden', message, requestId: null };
    case 'INTERNAL':
      return { kind: 'internal', message: 'Something went wrong on the server.', requestId: response?.headers.get('X-Request-Id') ?? null };
    default:
      return { kind: 'invalid', message, requestId: null };
  }
}

function offline(response: Response | undefined): ApiError {
  const message = response ? `The server answered ${response.status}.` : 'The server cannot be reached.';
  return { kind: 'offline', message, requestId: response?.headers.get('X-Request-Id') ?? null };
}
