/** Keeps a page from those who may not see it, and tells them why; the server would refuse them all the same. */
import { Code, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Role } from '../api/generated/graphql';
import { allows } from '../auth/roles';
import { useMay, useViewer } from '../auth/viewer';
import { Page } from '../ui/Page';

export function RequireRole({ role, children }: { role: Role; children: ReactNode }) {
  return useMay(role) ? children : <Forbidden role={role} />;
}

function Forbidden({ role }: { role: Role }) {
  const { name } = useViewer();
  return (
    <Page title="You may not see this page">
      <Text>
        You need the role <Code>{role}</Code> for this, which lets its holder{' '}
        {allows(role).replace('your own', 'their own').replace('your', 'their')}. You are signed in as {name}; ask whoever administers
        accounts in your organisation for it.
      </Text>
    </Page>
  );
}
