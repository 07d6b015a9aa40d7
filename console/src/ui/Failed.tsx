/** What stands in place of data that could not be had, in a page: it does not repeat the banner above it, and offers one way to try again. */
import { createContext, useContext } from 'react';
import type { ApiError } from '../api/errors';
import { useReachable } from '../api/connection';
import { Empty, ErrorState } from './states';

/** Whether the banner that tells of a server that is away stands above. */
export const BannerContext = createContext(false);

export function Failed({ error, retry }: { error: ApiError; retry: () => void }) {
  const banner = useContext(BannerContext);
  const announced = !useReachable() && banner;
  if (error.kind === 'offline' && announced) return <Empty title="Loads when the server can be reached" />;
  return <ErrorState error={error} retry={error.kind === 'forbidden' ? undefined : retry} />;
}
