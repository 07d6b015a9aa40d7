/** The frame of a section: its name, what is in it, and how much of it is switched on and unsaved. */
import { Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useId, type ReactNode } from 'react';
import { changesOf, type Edit } from './draft';
import type { Item } from './items';

interface Props {
  name: string;
  description: ReactNode;
  items: Item[];
  edit: Edit;
  children: ReactNode;
}

export function SectionFrame({ name, description, items, edit, children }: Props) {
  const id = useId();
  const unsaved = changesOf(items, edit).length;
  const on = items.filter((item) => edit.get(item.id) ?? item.on).length;
  return (
    <Paper component="section" withBorder p="md" aria-labelledby={id}>
      <Stack gap="sm">
        <div>
          <Group gap="xs">
            <Title order={2} size="h4" id={id}>
              {name}
            </Title>
            <Text size="sm" c="dimmed">
              {on} of {items.length} on
            </Text>
            {unsaved > 0 && (
              <Badge color="yellow" variant="light" tt="none">
                {unsaved} unsaved
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed">
            {description}
          </Text>
        </div>
        {children}
      </Stack>
    </Paper>
  );
}
