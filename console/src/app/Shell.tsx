/** What stands around every page: header, navigation, and where the page goes. */
import { AppShell, Burger, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Suspense, useEffect } from 'react';
import { Outlet, useLocation } from 'react-router';
import { BannerContext } from '../ui/Failed';
import { OfflineBanner } from '../ui/OfflineBanner';
import { Loading } from '../ui/states';
import { Navigation } from './Navigation';
import { PersonMenu } from './PersonMenu';
import classes from './Shell.module.css';
import { ThemeToggle } from './ThemeToggle';

export function Shell() {
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  useEffect(close, [pathname, close]);
  return (
    <AppShell header={{ height: 56 }} navbar={{ width: 230, breakpoint: 'sm', collapsed: { mobile: !opened } }} padding="md">
      <a href="#main" className={classes.skip}>
        Skip to the content
      </a>
      <AppShell.Header>
        <Header opened={opened} toggle={toggle} />
      </AppShell.Header>
      <AppShell.Navbar p="sm" aria-label="Pages" id="navigation" className={opened ? undefined : classes.closed}>
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} className={classes.main}>
        <OfflineBanner />
        <BannerContext value={true}>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </BannerContext>
      </AppShell.Main>
    </AppShell>
  );
}

function Header({ opened, toggle }: { opened: boolean; toggle: () => void }) {
  return (
    <Group h="100%" px="md" justify="space-between" wrap="nowrap">
      <Group gap="xs" wrap="nowrap">
        <Burger
          opened={opened}
          onClick={toggle}
          hiddenFrom="sm"
          size="sm"
          aria-label={opened ? 'Close navigation' : 'Open navigation'}
          aria-expanded={opened}
          aria-controls="navigation"
        />
        <Text component="span" fw={700} className={classes.brand}>
          qm-compliance
        </Text>
      </Group>
      <Group gap="xs" wrap="nowrap">
        <ThemeToggle />
        <PersonMenu />
      </Group>
    </Group>
  );
}
