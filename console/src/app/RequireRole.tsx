/** Hides a page from users without the role, and says why; the server would refuse them anyway. */
import { Code, Text } from '@mantine/core';
import { Fragment, type ReactNode } from 'react';
import type { Role } from '../api/generated/graphql';
import { allows, holdsAny } from '../auth/roles';
import { useViewer } from '../auth/viewer';
import { Page } from '../ui/Page';

export function RequireRole({ role, children }: { role: Role | Role[]; children: ReactNode }) {
  return holdsAny(useViewer().roles, role) ? children : <Forbidden roles={[role].flat()} />;
}

function Forbidden({ roles }: { roles: Role[] }) {
  const { name } = useViewer();
  return (
    <Page title="You don't have access to this page">
      <Text>
        You need{' '}
        {roles.map((role, at) => (
          <Fragment key={role}>
            {at > 0 && ', or '}
            the role <Code>{role}</Code> ({allows(role)})
          </Fragment>
        ))}
        . You are signed in as {name}. Ask your administrator for it.
      </Text>
    </Page>
  );
}
