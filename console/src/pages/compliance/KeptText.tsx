/** Whether what is unsaved would survive a reload. */
import { Anchor, Text } from '@mantine/core';
import { errorText } from '../../ui/states';
import classes from './Compliance.module.css';
import type { KeeperState } from './keeper';

export function KeptText({ keeping, tryAgain }: { keeping: KeeperState; tryAgain: () => Promise<unknown> }) {
  switch (keeping.status) {
    case 'kept':
      return (
        <Text size="sm" c="dimmed">
          Draft saved. Takes effect when you save.
        </Text>
      );
    case 'waiting':
      return (
        <Text size="sm" c="dimmed">
          Saving draft…
        </Text>
      );
    case 'failed':
      return (
        <Text size="sm" className={classes.failed}>
          Draft not saved. {errorText(keeping.error)}{' '}
          <Anchor component="button" type="button" size="sm" onClick={() => tryAgain()}>
            Try again
          </Anchor>
        </Text>
      );
  }
}
