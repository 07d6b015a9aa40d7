/** The links to what the viewer may see. */
import { AppShell, NavLink, ScrollArea, Text } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { Fragment } from 'react';
import { Link, useLocation } from 'react-router';
import { holdsAny } from '../auth/roles';
import { useViewer } from '../auth/viewer';
import { pages, type PageEntry } from './pages';

export function Navigation() {
  const { roles } = useViewer();
  const offered = pages.filter(({ nav, role }) => nav && holdsAny(roles, role));
  return (
    <>
      <AppShell.Section grow component={ScrollArea}>
        {offered.map((page, at) => (
          <Fragment key={page.path}>
            <Section name={page.nav?.section} before={offered[at - 1]?.nav?.section} />
            <PageLink {...page} />
          </Fragment>
        ))}
      </AppShell.Section>
      <AppShell.Section>
        {/* rel=opener lets GraphiQL ask this page for the token; see auth/handover.ts. */}
        <NavLink href="/graphiql" target="_blank" rel="opener" label="GraphiQL" leftSection={<IconExternalLink size={18} aria-hidden />} />
      </AppShell.Section>
    </>
  );
}

function Section({ name, before }: { name?: string; before?: string }) {
  if (!name || name === before) return null;
  return (
    <Text size="xs" fw={600} c="dimmed" px="sm" pt="md" pb={4}>
      {name}
    </Text>
  );
}

function PageLink({ path, nav }: PageEntry) {
  const { pathname } = useLocation();
  if (!nav) return null;
  const active = pathname === path || pathname.startsWith(`${path}/`);
  return (
    <NavLink
      component={Link}
      to={path}
      label={nav.label}
      active={active}
      aria-current={active ? 'page' : undefined}
      leftSection={<nav.icon size={18} aria-hidden />}
    />
  );
}
