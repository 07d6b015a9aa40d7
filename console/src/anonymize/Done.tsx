/** What came of it. */
import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { TimeText } from '../ui/TimeText';
import type { Failure, Result } from './result';
import { conversations } from './words';

export function Done({ result, onClose }: { result: Result; onClose: () => void }) {
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => close.current?.focus(), []); // the button that had the focus is gone
  return (
    <Stack>
      {result.done > 0 && <Success {...result} />}
      {result.unchanged > 0 && <Unchanged {...result} />}
      {result.failures.length > 0 && <Failures {...result} />}
      <Group justify="flex-end">
        <Button ref={close} onClick={onClose}>
          Close
        </Button>
      </Group>
    </Stack>
  );
}

function Success({ done, planned, notReviewable, settingsVersion }: Result) {
  return (
    <Alert color="green" role="status" icon={<IconCheck aria-hidden />} title={`${conversations(done)} anonymized`}>
      <Text size="sm">
        Version {settingsVersion} of the compliance settings was applied. The old values were removed, also from this page.
        {planned > 0 &&
          ` Recordings of ${conversations(planned)} are planned for deletion. They are deleted automatically in the next deletion run.`}
        {notReviewable > 0 && ` ${conversations(notReviewable)} can no longer be reviewed.`}
      </Text>
    </Alert>
  );
}

function Unchanged({ unchanged }: Result) {
  return (
    <Text size="sm">
      {conversations(unchanged)} {unchanged === 1 ? 'was' : 'were'} already anonymized and did not change.
    </Text>
  );
}

function Failures({ done, failures }: Result) {
  const title = done === 0 ? 'Nothing was anonymized' : `${conversations(failures.length)} could not be anonymized`;
  return (
    <Alert color="red" role="alert" title={title}>
      <List size="sm">
        {failures.map((failure) => (
          <List.Item key={failure.id}>
            <Which {...failure} />: {failure.message}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}

function Which({ id, known }: Failure) {
  if (!known) return <>Conversation {id}</>;
  return (
    <>
      Conversation of <TimeText value={known.startedAt} />
    </>
  );
}
