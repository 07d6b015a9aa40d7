/** What keeps the conversations from being anonymized, and what to do about it. */
import { Alert, Anchor, Button, Group, List, Text } from '@mantine/core';
import { Link } from 'react-router';
import type { Preview, Problem } from './operations';
import { conversations } from './words';

interface Props {
  preview: Preview;
  ids: string[];
  onLeaveOut: (problems: Problem[]) => void;
  onClose: () => void;
}

export function Problems({ preview: { problems }, ids, onLeaveOut, onClose }: Props) {
  const missing = problems.filter(({ code }) => code === 'NOT_FOUND');
  const more = missing.length === problems.length && missing.length < ids.length;
  return (
    <>
      <Alert color="red" role="alert" title={missing.length > 0 ? 'Not all conversations are available' : 'Nothing to anonymize'}>
        <List size="sm">
          {problems.map((problem, at) => (
            <List.Item key={at}>{inWords(problem, ids.length)}</List.Item>
          ))}
        </List>
      </Alert>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        {more && <Button onClick={() => onLeaveOut(missing)}>Leave out {conversations(missing.length)}</Button>}
      </Group>
    </>
  );
}

function inWords({ code, message, field }: Problem, of: number) {
  if (code === 'NOTHING_SELECTED') return <NothingSelected />;
  if (code !== 'NOT_FOUND') return <Text size="sm">{message}</Text>;
  const which = of === 1 ? 'This conversation' : `Conversation ${Number(field?.at(-1)) + 1} of ${of}`;
  return <Text size="sm">{which} no longer exists, or you do not have access to it.</Text>;
}

function NothingSelected() {
  return (
    <Text size="sm">
      The compliance settings select no personal data. Choose what to remove on the{' '}
      <Anchor component={Link} to="/compliance" c="inherit" underline="always">
        Compliance page
      </Anchor>{' '}
      and save it first.
    </Text>
  );
}
