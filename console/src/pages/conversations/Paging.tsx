/** Going from page to page by cursors: nothing is skipped or shown twice when conversations come in meanwhile. */
import { Button, Group, NativeSelect, Text } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconChevronsLeft } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ListPage } from './useFollowed';
import { SIZES, type View } from './view';

interface Props {
  page: ListPage | undefined;
  view: View;
  onShow: (change: Partial<View>) => void;
}

export function Paging({ page, view, onShow }: Props) {
  const { hasNextPage = false, hasPreviousPage = false, startCursor = null, endCursor = null } = page?.pageInfo ?? {};
  const first = view.after === null && view.before === null;
  return (
    <Group justify="space-between" component="nav" aria-label="Pages of the table">
      <Group gap="xs">
        <Text size="sm" component="label" htmlFor="page-size">
          Rows per page
        </Text>
        <NativeSelect
          id="page-size"
          size="xs"
          data={SIZES.map(String)}
          value={String(view.size)}
          onChange={(event) => onShow({ size: Number(event.currentTarget.value) })}
        />
      </Group>
      <Group gap="xs">
        <Step enabled={!first} onClick={() => onShow({})} before={<IconChevronsLeft size={16} aria-hidden />}>
          First
        </Step>
        <Step enabled={hasPreviousPage} onClick={() => onShow({ before: startCursor })} before={<IconChevronLeft size={16} aria-hidden />}>
          Previous
        </Step>
        <Step enabled={hasNextPage} onClick={() => onShow({ after: endCursor })} after={<IconChevronRight size={16} aria-hidden />}>
          Next
        </Step>
      </Group>
    </Group>
  );
}

interface StepProps {
  enabled: boolean;
  onClick: () => void;
  before?: ReactNode;
  after?: ReactNode;
  children: string;
}

/** Step keeps the focus where there is no further page: a button that is disabled outright would lose it. */
function Step({ enabled, onClick, before, after, children }: StepProps) {
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={before}
      rightSection={after}
      aria-disabled={!enabled}
      data-disabled={!enabled || undefined}
      onClick={() => enabled && onClick()}
    >
      {children}
    </Button>
  );
}
