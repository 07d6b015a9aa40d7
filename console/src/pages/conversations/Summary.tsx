/** How many conversations there are, by which filters, and whose times they show. */
import { Group, Text } from '@mantine/core';
import { atLeast, shortZone, zone } from '../../ui/format';
import { ActiveFilters } from './ActiveFilters';
import type { Viewing } from './useView';

export function Summary({ total, viewing }: { total: number | 'failed' | undefined; viewing: Viewing }) {
  return (
    <Group justify="space-between" gap="xs">
      <Group gap="sm">
        <Text size="sm" fw={600} aria-live="polite">
          {inWords(total)}
        </Text>
        <ActiveFilters viewing={viewing} />
      </Group>
      <Text size="sm" c="dimmed" title={`Times are in ${zone()}`}>
        Times are in {shortZone()}
      </Text>
    </Group>
  );
}

function inWords(total: number | 'failed' | undefined): string {
  if (total === 'failed') return 'Not counted';
  if (total === undefined) return 'Counting…';
  return total === 1 ? '1 conversation' : `${atLeast(total)} conversations`;
}
