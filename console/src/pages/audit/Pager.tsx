/** Goes through the log, page by page, by cursors: what comes in meanwhile moves nothing. */
import { Button, Group } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconChevronsLeft } from '@tabler/icons-react';
import type { View } from './useAuditView';

export function Pager({ view, olderAfter }: { view: View; olderAfter: string | null }) {
  const { after, hasNewer, newest, newer, older } = view;
  if (!after && olderAfter === null) return null;
  const toTop = (go: () => void) => () => {
    go();
    window.scrollTo({ top: 0 });
  };
  return (
    <Group component="nav" aria-label="Pages of the audit log" gap="xs">
      <Button variant="default" leftSection={<IconChevronsLeft size={18} aria-hidden />} disabled={!after} onClick={toTop(newest)}>
        Newest
      </Button>
      <Button variant="default" leftSection={<IconChevronLeft size={18} aria-hidden />} disabled={!hasNewer} onClick={toTop(newer)}>
        Newer
      </Button>
      <Button
        variant="default"
        rightSection={<IconChevronRight size={18} aria-hidden />}
        disabled={olderAfter === null}
        onClick={toTop(() => olderAfter !== null && older(olderAfter))}
      >
        Older
      </Button>
    </Group>
  );
}
