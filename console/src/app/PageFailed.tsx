/** What stands in place of a page that could not be loaded or shown: most likely the console was updated under it, or the server is away. */
import { Button, Text } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useReachable } from '../api/connection';
import { Page } from '../ui/Page';
import { reload } from '../api/update';

export function PageFailed() {
  useReloadWhenBack();
  return (
    <Page title="This page could not be shown" actions={<Button onClick={() => void reload()}>Reload</Button>}>
      <Text role="alert">The console may have been updated, or the server cannot be reached. Reload the page to continue.</Text>
    </Page>
  );
}

/** useReloadWhenBack loads the page as soon as a server that was away is there again: there is nothing on it to be lost. */
function useReloadWhenBack(): void {
  const reachable = useReachable();
  const away = useRef(false);
  useEffect(() => {
    if (reachable && away.current) void reload();
    away.current = !reachable;
  }, [reachable]);
}
