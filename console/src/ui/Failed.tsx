/** What stands in place of data that could not be had, in a page: it says nothing again that the banner above it says, and offers one way to try again. */
import { createContext, useContext } from 'react';
import type { ApiError } from '../api/errors';
import { useReachable } from '../api/connection';
import { Empty, ErrorState } from './states';

/** Whether the banner that tells of a server that is away stands above. */
export const BannerContext = createContext(false);

export function Failed({ error, retry }: { error: ApiError; retry: () => void }) {
  const banner = useContext(BannerContext);
  const told = !useReachable() && banner;
  if (error.kind === 'offline' && told) return <Empty title="Loads when the server can be reached" />;
  return <ErrorState error={error} retry={error.kind === 'forbidden' ? undefined : retry} />;
}
