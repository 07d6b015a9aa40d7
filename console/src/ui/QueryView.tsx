/** Shows a query in whichever state it is. What was answered stays on view while it is asked anew, and beside an error. */
import type { ReactNode } from 'react';
import type { ApiQuery } from '../api/useApiQuery';
import { Failed } from './Failed';
import { Loading } from './states';

interface Props<Data> {
  query: ApiQuery<Data>;
  children: (data: Data) => ReactNode;
  /** What the data is, for the text while it is on its way. */
  label?: string;
}

export function QueryView<Data>({ query, children, label }: Props<Data>) {
  const { data, error, fetching, refetch } = query;
  return (
    <>
      {error && <Failed error={error} retry={refetch} />}
      {data !== undefined && children(data)}
      {data === undefined && !error && fetching && <Loading label={label} />}
    </>
  );
}
