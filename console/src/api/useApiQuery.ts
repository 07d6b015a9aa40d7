/** A query for a component: errors in the kinds that pages tell apart, nothing shown of what was to be forgotten, and a repeat when the server is back. */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { useContext, useEffect, useLayoutEffect, useReducer, useRef, useState } from 'react';
import { createRequest, useClient, type AnyVariables, type GraphQLRequest, type OperationResult } from 'urql';
import { useReachable } from './connection';
import { toApiError, type ApiError } from './errors';
import { MemoryContext } from './forget';

export interface ApiQuery<Data> {
  /** What was answered last to this very question, also while it is asked anew; nothing of another question. */
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
  /** What is asked, as the person sees it, where the variables move with the time: an answer stays for as long as the question does. */
  question?: string;
}

/** The answer to one request, and since when everything was forgotten. */
interface Answer<Data> {
  epoch: number;
  key: number;
  question: string | number;
  data: Data | undefined;
  error: ApiError | undefined;
  stale: boolean;
}

/**
 * useApiQuery listens to the client itself: urql's own hook keeps, in the function that asks again, the answer of the render that made it, and so an answer of before
 * useForget for as long as the page is there.
 */
export function useApiQuery<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  { variables, pause = false, fresh: unkept = false, question: named }: Options<Variables> = {},
): ApiQuery<Data> {
  const client = useClient();
  const { epoch } = useContext(MemoryContext);
  const request = useRequest<Data>(query as TypedDocumentNode<Data, AnyVariables>, variables);
  const question = named ?? request.key;
  const [anew, refetch] = useReducer((times: number) => times + 1, 0); // a function without a scope, which would hold the client of its day
  const [answer, setAnswer] = useState<Answer<Data>>();
  useLayoutEffect(() => {
    if (pause) return;
    const requestPolicy = unkept || anew > 0 ? 'network-only' : 'cache-and-network';
    const listening = client
      .executeQuery<Data>(request, { requestPolicy })
      .subscribe((result) => setAnswer((last) => take(result, { epoch, question }, last)));
    return () => {
      listening.unsubscribe();
      setAnswer((last) => last && { ...last, stale: true }); // until what is asked next is answered
    };
  }, [client, request, question, pause, epoch, anew, unkept]);
  const known = answer?.epoch === epoch && answer.question === question ? answer : undefined;
  const current = known?.key === request.key ? known : undefined;
  useRepeatWhenBack(current?.error, refetch);
  useRepeatWhenDue(current, refetch);
  return { data: known?.data, fetching: !pause && (!current || current.stale), error: current?.error, refetch };
}

/** take keeps, beside an error, what the same question was answered last. */
function take<Data>(
  { operation: { key }, data, error, stale }: OperationResult<Data>,
  of: Pick<Answer<Data>, 'epoch' | 'question'>,
  last: Answer<Data> | undefined,
): Answer<Data> {
  const before = last?.question === of.question && last.epoch === of.epoch ? last.data : undefined;
  return { ...of, key, data: error ? before : data, error: error && toApiError(error), stale };
}

/** useRequest is the same request for as long as it asks the same. */
function useRequest<Data>(query: TypedDocumentNode<Data, AnyVariables>, variables: AnyVariables): GraphQLRequest<Data, AnyVariables> {
  const asked = createRequest<Data, AnyVariables>(query, variables ?? {});
  const [request, setRequest] = useState(asked);
  if (request.key === asked.key) return request;
  setRequest(asked);
  return asked;
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

const LONGEST_DELAY_MS = 30_000;

/** useRepeatWhenDue asks again where the server said when: after that time, and each time in a row after twice as long. */
function useRepeatWhenDue(current: { error: ApiError | undefined; stale: boolean } | undefined, refetch: () => void): void {
  const times = useRef(0);
  const failed = current && !current.stale ? current.error : undefined;
  const answered = current !== undefined && !current.stale && !current.error;
  useEffect(() => {
    if (answered) times.current = 0;
    if (failed?.againAfterMs === undefined) return;
    const timer = setTimeout(refetch, Math.min(failed.againAfterMs * 2 ** times.current++, LONGEST_DELAY_MS));
    return () => clearTimeout(timer);
  }, [failed, answered, refetch]);
}
