/** The end of a list that is read page by page: how to read on, and what went wrong. */
import { Alert, Button, Group, Loader } from '@mantine/core';
import { errorText } from '../ui/states';
import type { Pages } from './usePages';

export function More<Item>({ pages, label }: { pages: Pages<Item>; label: string }) {
  const { error, fetching, hasMore, more } = pages;
  if (error)
    return (
      <Alert color="red" role="alert" mt="xs">
        <Group justify="space-between">
          {errorText(error)}
          <Button size="compact-xs" variant="default" onClick={more}>
            Try again
          </Button>
        </Group>
      </Alert>
    );
  if (fetching && pages.items.length === 0) return <Loader size="sm" aria-label={label} />;
  if (!hasMore) return null;
  return (
    <Button size="compact-sm" variant="default" loading={fetching} onClick={more} my="xs">
      Show more events
    </Button>
  );
}
