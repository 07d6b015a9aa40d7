/** The detail beside the table, or in its place on a narrow screen. Escape closes it. */
import { ActionIcon, Anchor, Group, Stack, Text, Title } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useRef, type KeyboardEvent } from 'react';
import { Link } from 'react-router';
import { Empty, Loading } from '../../ui/states';
import { address } from '../conversation/address';
import classes from './Detail.module.css';
import type { Beside } from './useBeside';

const ConversationDetail = lazy(async () => ({ default: (await import('../conversation/ConversationDetail')).ConversationDetail }));

interface Props {
  id: string;
  beside: Beside;
  onAnonymized: () => void;
}

export function Detail({ id, beside, onAnonymized }: Props) {
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    // A dialog of the detail is its child in React alone: it closes itself.
    if (event.key === 'Escape' && event.currentTarget.contains(event.target as Node)) beside.close();
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section aria-label="Conversation" className={classes.detail} onKeyDown={onKeyDown}>
      <Suspense fallback={<Loading label="Loading the conversation" />}>
        <ConversationDetail
          key={id}
          id={id}
          onMoved={beside.moved}
          onAnonymized={onAnonymized}
          frame={({ content, actions, absent }) => (
            <Stack gap="md">
              <Head id={id} beside={beside} />
              {absent ? <Absent /> : <Group gap="xs">{actions}</Group>}
              {!absent && content}
            </Stack>
          )}
        />
      </Suspense>
    </section>
  );
}

function Head({ id, beside: { arrive, close } }: Pick<Props, 'id' | 'beside'>) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => arrive(heading.current)); // also when one goes to what is open already
  return (
    <Group justify="space-between" wrap="nowrap">
      <Group gap="sm" align="baseline">
        <Title order={2} size="h3" ref={heading} tabIndex={-1} className={classes.title}>
          Conversation
        </Title>
        <Anchor component={Link} to={address(id)} size="sm">
          On a page of its own
        </Anchor>
      </Group>
      <ActionIcon variant="default" size="lg" aria-label="Close the conversation" onClick={close}>
        <IconX size={18} aria-hidden />
      </ActionIcon>
    </Group>
  );
}

const Absent = () => (
  <Empty title="There is no such conversation">
    <Text size="sm">Or it is not among those that you may see.</Text>
  </Empty>
);
