/** Who is signed in, what they may do, and the way out. */
import { Button, List, Popover, Stack, Text } from '@mantine/core';
import { IconLogout, IconUser } from '@tabler/icons-react';
import { allows, telling } from '../auth/roles';
import { useSession } from '../auth/useSession';
import { useViewer } from '../auth/viewer';
import classes from './Shell.module.css';

export function PersonMenu() {
  const { name } = useViewer();
  return (
    <Popover position="bottom-end" width={300} withinPortal={false} trapFocus>
      <Popover.Target>
        <Button variant="default" px="xs" aria-label={`Signed in as ${name}`}>
          <IconUser size={18} aria-hidden />
          <span className={classes.name}>&nbsp;{name}</span>
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Person />
      </Popover.Dropdown>
    </Popover>
  );
}

function Person() {
  const { session } = useSession();
  const { roles } = useViewer();
  return (
    <Stack gap="xs">
      <Text fw={600}>Your permissions</Text>
      <List size="sm">
        {telling(roles).map((role) => (
          <List.Item key={role}>{allows(role)}</List.Item>
        ))}
      </List>
      <Button variant="default" leftSection={<IconLogout size={16} aria-hidden />} onClick={() => session.signOut()}>
        Sign out
      </Button>
    </Stack>
  );
}
