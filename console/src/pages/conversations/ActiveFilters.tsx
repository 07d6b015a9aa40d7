/** The active filters as chips that take them away. */
import { Button, Group } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useRef } from 'react';
import { activeFilters } from './active';
import type { Viewing } from './useView';

export function ActiveFilters({ viewing }: { viewing: Viewing }) {
  const group = useRef<HTMLDivElement>(null);
  const filters = activeFilters(viewing);
  const take = (remove: () => void) => {
    remove();
    group.current?.focus(); // the chip that had the focus goes
  };
  return (
    <Group gap="xs" ref={group} tabIndex={-1} role="group" aria-label="Active filters" style={{ outline: 'none' }}>
      {filters.map(({ label, remove }) => (
        <Button
          key={label}
          size="compact-xs"
          variant="light"
          rightSection={<IconX size={12} aria-hidden />}
          aria-label={`Remove the filter ${label}`}
          onClick={() => take(remove)}
        >
          {label}
        </Button>
      ))}
      {filters.length > 0 && (
        <Button size="compact-xs" variant="subtle" onClick={() => take(viewing.clear)}>
          Clear all
        </Button>
      )}
    </Group>
  );
}
