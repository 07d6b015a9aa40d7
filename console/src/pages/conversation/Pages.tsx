/** A list of messages with a button for more of them. What comes gets the focus, so that reading goes on where it ended. */
import { Button, Group, Text } from '@mantine/core';
import { useLayoutEffect, useRef, type ReactNode } from 'react';
import { Failed } from '../../ui/Failed';
import { atLeast, numeral } from '../../ui/format';
import type { Message } from './query';
import type { Messages } from './useMessages';

interface Props {
  messages: Messages;
  /** What they are, in the plural. */
  what: string;
  className?: string;
  children: (message: Message, at: number) => ReactNode;
}

export function Pages({ messages: { shown, total, hasMore, fetching, error, more }, what, className, children }: Props) {
  const list = useRef<HTMLOListElement>(null);
  const before = useRef<number>(null);
  useLayoutEffect(() => {
    const item = before.current !== null && before.current < shown.length ? list.current?.children[before.current] : undefined;
    if (!(item instanceof HTMLElement)) return;
    before.current = null;
    item.tabIndex = -1;
    item.focus({ preventScroll: true });
  }, [shown.length]);
  const next = () => {
    if (fetching) return;
    before.current = shown.length;
    more();
  };
  if (shown.length === 0) return null;
  return (
    <>
      <ol ref={list} className={className}>
        {shown.map(children)}
      </ol>
      {error && <Failed error={error} retry={next} />}
      {hasMore && (
        <Group gap="sm">
          <Button size="compact-sm" variant="subtle" onClick={next} aria-disabled={fetching || undefined}>
            {fetching ? `Loading more ${what}…` : `Show more ${what}`}
          </Button>
          <Text size="sm" c="dimmed" aria-live="polite">
            {numeral(shown.length)} of {atLeast(total)} {what} are shown
          </Text>
        </Group>
      )}
    </>
  );
}
