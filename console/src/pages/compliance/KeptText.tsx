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
          Kept as a draft, without effect until you save.
        </Text>
      );
    case 'waiting':
      return (
        <Text size="sm" c="dimmed">
          Not kept as a draft yet…
        </Text>
      );
    case 'failed':
      return (
        <Text size="sm" className={classes.failed}>
          Not kept as a draft. {errorText(keeping.error)}{' '}
          <Anchor component="button" type="button" size="sm" onClick={() => tryAgain()}>
            Try again
          </Anchor>
        </Text>
      );
  }
}
