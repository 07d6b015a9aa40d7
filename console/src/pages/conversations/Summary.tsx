/** How many conversations there are, by which filters, and whose times they show. */
import { Group, Text } from '@mantine/core';
import { ActiveFilters } from './ActiveFilters';
import type { Viewing } from './useView';
import { zone } from './words';

const number = new Intl.NumberFormat();

export function Summary({ total, viewing }: { total: number | undefined; viewing: Viewing }) {
  return (
    <Group justify="space-between" gap="xs">
      <Group gap="sm">
        <Text size="sm" fw={600} aria-live="polite">
          {total === undefined ? 'Counting…' : total === 1 ? '1 conversation' : `${number.format(total)} conversations`}
        </Text>
        <ActiveFilters viewing={viewing} />
      </Group>
      <Text size="sm" c="dimmed">
        Times are in {zone()}
      </Text>
    </Group>
  );
}
