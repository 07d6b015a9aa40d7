/** The second step before a key is anonymized by which conversations are joined. */
import { Alert, Checkbox, List, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { ConfirmDialog } from '../../ui/ConfirmDialog';
import { inWords } from '../../ui/format';

interface Props {
  /** What the API says of each of the keys. */
  messages: string[];
  busy: boolean;
  save: () => void;
  close: () => void;
}

export function CorrelationDialog({ messages, busy, save, close }: Props) {
  const [understood, setUnderstood] = useState(false);
  return (
    <ConfirmDialog
      opened
      title={messages.length === 1 ? 'Anonymize a correlation key?' : `Anonymize ${messages.length} correlation keys?`}
      confirmLabel="Save anyway"
      danger
      ready={understood}
      busy={busy}
      onConfirm={save}
      onClose={close}
    >
      <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} title="Nothing is saved yet">
        <List size="sm" listStyleType={messages.length === 1 ? 'none' : undefined}>
          {messages.map((message) => (
            <List.Item key={message}>{inWords(message)}</List.Item>
          ))}
        </List>
      </Alert>
      <Text size="sm">
        Merged conversations stay merged. New imports will no longer be merged with conversations whose value was removed. This cannot be
        repaired later.
      </Text>
      <Checkbox
        label="I understand that conversations will no longer be merged by these values"
        checked={understood}
        onChange={(event) => setUnderstood(event.currentTarget.checked)}
        data-autofocus
      />
    </ConfirmDialog>
  );
}
