/** What stands in place of every page while nobody is signed in. The address stays, so that one gets to the page that one asked for. */
import { Alert, Button, Container, Stack, Text, Title, UnstyledButton } from '@mantine/core';
import { IconLogin2 } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { DemoPerson } from './config';
import { mayDo } from './roles';
import classes from './SignIn.module.css';
import { useSession } from './useSession';

export function SignIn() {
  const { session, config, state } = useSession();
  const [busy, setBusy] = useState(false);
  useEffect(() => void (document.title = 'Sign in · qm-compliance'), []);
  const signIn = async (key?: string) => {
    setBusy(true);
    await session.signIn(key);
    setBusy(false);
  };
  return (
    <Container component="main" size="xs" py="xl">
      <Stack>
        <Title order={1}>Sign in to qm-compliance</Title>
        {state.problem && (
          <Alert color="red" role="alert" title="Sign-in failed">
            {state.problem}
          </Alert>
        )}
        {config.demo ? (
          <People people={config.demo.people} busy={busy} pick={signIn} />
        ) : (
          <Button leftSection={<IconLogin2 size={18} aria-hidden />} loading={busy} onClick={() => signIn()}>
            Sign in
          </Button>
        )}
      </Stack>
    </Container>
  );
}

function People({ people, busy, pick }: { people: DemoPerson[]; busy: boolean; pick: (key: string) => void }) {
  return (
    <>
      <Text>This is a demo. Choose a person. Your choice decides what you can see and do.</Text>
      {people.map(({ key, name, title }) => (
        <UnstyledButton key={key} className={classes.person} disabled={busy} onClick={() => pick(key)}>
          <Text component="span" fw={600} display="block">
            {name}
          </Text>
          <Text component="span" size="sm" c="dimmed" display="block">
            {title}
          </Text>
          <Text component="span" size="sm" display="block">
            {mayDo(key)}
          </Text>
        </UnstyledButton>
      ))}
    </>
  );
}
