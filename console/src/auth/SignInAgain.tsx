/** The dialog over a page whose sign-in has ended. Nothing on the page is lost, and what was asked of the server meanwhile goes on afterwards. */
import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useSession } from './useSession';

export function SignInAgain() {
  const { session, config, state } = useSession();
  const [busy, setBusy] = useState(false);
  const name = config.demo?.people.find(({ key }) => key === state.person)?.name;
  const again = async () => {
    setBusy(true);
    await session.signInAgain();
    setBusy(false);
  };
  return (
    <Modal opened={state.expired} onClose={() => undefined} withCloseButton={false} closeOnEscape={false} title="Your session has expired">
      <Stack>
        <Text>Sign in again to continue. Your work on this page is kept.</Text>
        {state.problem && (
          <Alert color="red" role="alert">
            {state.problem}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={() => session.signOut()}>
            Sign out
          </Button>
          <Button loading={busy} onClick={again} data-autofocus>
            {name ? `Sign in again as ${name}` : 'Sign in again'}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
