/** What stands in place of a page that could not be loaded or shown: most likely the console was updated under it. */
import { Button, Text } from '@mantine/core';
import { Page } from '../ui/Page';

export function PageFailed() {
  return (
    <Page title="This page could not be shown" actions={<Button onClick={() => location.reload()}>Reload</Button>}>
      <Text>The console may have been updated since you opened it, or the server cannot be reached. Reload the page to go on.</Text>
    </Page>
  );
}
