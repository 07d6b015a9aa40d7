/** A query for a component: urql's useQuery with errors in the kinds that pages tell apart, nothing shown of what was to be forgotten, and a repeat when the server is back. */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { useCallback, useContext, useEffect, useMemo } from 'react';
import { useQuery, type AnyVariables } from 'urql';
import { useReachable } from './connection';
import { toApiError, type ApiError } from './errors';
import { MemoryContext } from './forget';

export interface ApiQuery<Data> {
  /** What was answered last, also while it is asked anew. */
  data: Data | undefined;
  fetching: boolean;
  error: ApiError | undefined;
  /** Asks again. */
  refetch: () => void;
}

interface Options<Variables> {
  variables?: Variables;
  /** While it is true nothing is asked. */
  pause?: boolean;
  /** Shows nothing that was answered before the component came, since it may have been removed meanwhile. */
  fresh?: boolean;
}

export function useApiQuery<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  { variables, pause = false, fresh: anew = false }: Options<Variables> = {},
): ApiQuery<Data> {
  const { epoch } = useContext(MemoryContext);
  const context = useMemo(() => ({ epoch }), [epoch]);
  const requestPolicy = anew ? 'network-only' : undefined;
  const [result, execute] = useQuery<Data, AnyVariables>({ query, variables: variables ?? {}, pause, context, requestPolicy });
  const fresh = result.operation?.context.epoch === epoch;
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  const error = fresh && result.error ? toApiError(result.error) : undefined;
  useRepeatWhenBack(error, refetch);
  return {
    data: fresh ? (result.data ?? undefined) : undefined,
    fetching: result.fetching || result.stale || (!fresh && !pause),
    error,
    refetch,
  };
}

function useRepeatWhenBack(error: ApiError | undefined, refetch: () => void): void {
  const lost = error?.kind === 'offline';
  const reachable = useReachable();
  useEffect(() => {
    if (lost && reachable) refetch();
    // Only the return of the server matters: an error that comes while it is there is for the user to repeat.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [reachable]);
}
