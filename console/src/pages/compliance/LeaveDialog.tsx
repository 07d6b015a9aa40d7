/** Keeps the draft before one goes to another page, and asks where it cannot be kept. */
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useEffect, useEffectEvent, useState } from 'react';
import { useBlocker } from 'react-router';

export function LeaveDialog({ keep, unkept }: { keep: () => Promise<boolean>; unkept: boolean }) {
  const [lost, setLost] = useState(false);
  const blocker = useBlocker(({ currentLocation, nextLocation }) => unkept && currentLocation.pathname !== nextLocation.pathname);
  const tryToKeep = useEffectEvent(() => keep().then((well) => (well ? blocker.proceed?.() : setLost(true))));
  useEffect(() => void (blocker.state === 'blocked' && tryToKeep()), [blocker.state]);
  const stay = () => {
    setLost(false);
    blocker.reset?.();
  };
  return (
    <Modal
      opened={lost && blocker.state === 'blocked'}
      onClose={stay}
      title="Leave without your changes?"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Text>Your draft could not be saved. If you leave this page now, your changes are lost.</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={() => blocker.proceed?.()}>
            Discard and leave
          </Button>
          <Button onClick={stay} data-autofocus>
            Stay
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
