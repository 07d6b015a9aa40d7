/** A mutation for a component. It never throws: what went wrong comes back with the answer, so that the page can show it where it belongs. */
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { useCallback } from 'react';
import { useMutation, type AnyVariables, type OperationContext } from 'urql';
import { toApiError, type ApiError } from './errors';

export interface Outcome<Data> {
  data: Data | undefined;
  error: ApiError | undefined;
}

type Run<Data, Variables> = (variables: Variables, context?: Partial<OperationContext>) => Promise<Outcome<Data>>;

/** useApiMutation returns the function that runs the mutation, and whether it is running. Errors that the user can fix are in userErrors of the data. */
export function useApiMutation<Data, Variables extends AnyVariables>(
  mutation: TypedDocumentNode<Data, Variables>,
): [Run<Data, Variables>, boolean] {
  const [{ fetching }, execute] = useMutation(mutation);
  const run = useCallback(
    async (variables: Variables, context?: Partial<OperationContext>) => {
      const { data, error } = await execute(variables, context);
      return { data, error: error && toApiError(error) };
    },
    [execute],
  );
  return [run, fetching];
}
