/** The frame of every page: its title, which is also the tab's, what can be done on it, and the focus when one comes to it. */
import { Group, Stack, Text, Title } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import { useLocation } from 'react-router';
import classes from './Page.module.css';

interface Props {
  title: string;
  /** One sentence on what the page is for. */
  description?: ReactNode;
  /** Buttons, at the right of the title. */
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, description, actions, children }: Props) {
  const heading = useTitle(title);
  return (
    <Stack gap="md" className={classes.page}>
      <Group justify="space-between" align="flex-start">
        <div>
          <Title order={1} size="h2" ref={heading} tabIndex={-1} className={classes.title}>
            {title}
          </Title>
          {description && <Text c="dimmed">{description}</Text>}
        </div>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}

/** useTitle names the tab, and moves the focus to the heading after a navigation, so that a screen reader tells where one is; not on the first page. */
function useTitle(title: string) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { key } = useLocation();
  useEffect(() => void (document.title = `${title} · qm-compliance`), [title]);
  useEffect(() => {
    if (key !== 'default') heading.current?.focus();
    // Only when the page comes: a change of its own search parameters leaves the focus where it is.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  return heading;
}
