/** Says, on every page, that the server cannot be reached. */
import { Alert, Button, Group, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { tryAgain, useReachable } from '../api/connection';

export function OfflineBanner() {
  if (useReachable()) return null;
  return (
    <Alert color="yellow" role="alert" mb="md" icon={<IconPlugConnectedX aria-hidden />} title="The server cannot be reached">
      <Group justify="space-between">
        <Text size="sm">This page may be out of date. Your work on this page is kept.</Text>
        <Button size="xs" variant="default" onClick={() => tryAgain()}>
          Try again
        </Button>
      </Group>
    </Alert>
  );
}
