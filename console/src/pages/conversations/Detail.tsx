/** The detail beside the table, or in its place on a narrow screen. Escape closes it. */
import { ActionIcon, Alert, Anchor, Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { createElement, Suspense, useEffect, useRef, type ComponentProps, type ComponentType, type KeyboardEvent } from 'react';
import { Link } from 'react-router';
import { reload } from '../../api/update';
import { isDialogOpen } from '../../ui/openDialog';
import { Empty, Loading } from '../../ui/states';
import { useLazy } from '../../ui/useLazy';
import { address } from '../conversation/address';
import classes from './Detail.module.css';
import type { Beside } from './useBeside';

const load = async () => ({ default: (await import('../conversation/ConversationDetail')).ConversationDetail });

interface Props {
  id: string;
  beside: Beside;
  onAnonymized: () => void;
}

export function Detail({ id, beside, onAnonymized }: Props) {
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    // A dialog of the detail is its child in React alone: it closes itself.
    if (event.key !== 'Escape' || isDialogOpen()) return;
    if (event.currentTarget.contains(event.target as Node)) beside.close();
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section aria-label="Conversation" className={classes.detail} onKeyDown={onKeyDown}>
      <Suspense fallback={<Loading label="Loading the conversation" />}>
        <Content
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

type Shown = ComponentProps<Awaited<ReturnType<typeof load>>['default']>;

const Content = (props: Shown) => createElement(useLazy(load, failed), props);

const failed = (): Promise<ComponentType<Shown>> => Promise.resolve(NotLoaded);

/** NotLoaded leaves it to the person to load the page anew: the table beside may be that of a search, which would be gone. */
const NotLoaded = ({ frame }: Shown) =>
  frame({
    content: (
      <Alert color="red" role="alert" title="This conversation could not be shown">
        <Text size="sm">The console may have been updated, or the server cannot be reached. Reload the page to continue.</Text>
        <Button size="xs" mt="sm" variant="default" onClick={() => void reload()}>
          Reload
        </Button>
      </Alert>
    ),
    actions: null,
    absent: false,
  });

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
          Open full page
        </Anchor>
      </Group>
      <ActionIcon variant="default" size="lg" aria-label="Close the conversation" onClick={close}>
        <IconX size={18} aria-hidden />
      </ActionIcon>
    </Group>
  );
}

const Absent = () => (
  <Empty title="Conversation not found">
    <Text size="sm">It does not exist, or you do not have access to it.</Text>
  </Empty>
);
