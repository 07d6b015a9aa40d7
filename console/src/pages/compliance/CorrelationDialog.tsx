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
      confirmLabel="Save all the same"
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
        What was joined stays joined. What is imported after the values were removed stands by itself, though it belongs to a conversation
        that is here. Removed values cannot be brought back to mend that.
      </Text>
      <Checkbox
        label="I understand that conversations will no longer be joined by these values"
        checked={understood}
        onChange={(event) => setUnderstood(event.currentTarget.checked)}
        data-autofocus
      />
    </ConfirmDialog>
  );
}
