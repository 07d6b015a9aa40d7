/** Protects a recording, or changes why and until when: a reason is required, an end is not. */
import { Alert, Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import type { Conversation, MediaFile } from './query';
import { useProtect } from './useProtect';
import { isoDate } from '../../ui/format';
import { RECORDING } from '../../ui/labels';

interface Props {
  file: MediaFile;
  conversation: Conversation;
  opened: boolean;
  onClose: () => void;
}

export function ProtectDialog({ opened, onClose, ...rest }: Props) {
  const title = `Protect the ${RECORDING[rest.file.kind].toLowerCase()}`;
  return (
    <Modal opened={opened} onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <Form {...rest} onClose={onClose} />
    </Modal>
  );
}

/** Form is mounted anew each time the dialog opens, with what is in force. */
function Form({ file, onClose }: Omit<Props, 'opened'>) {
  const { reason, setReason, day, setDay, errors, busy, submit } = useProtect(file, onClose);
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Textarea
          label="Reason"
          description="Why it must be kept. The reason is shown here and in the audit log: don't include personal data."
          withAsterisk
          required
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          error={errors.reason}
          data-autofocus
        />
        <TextInput
          type="date"
          label="Keep until"
          description="Until the end of this day in your time zone. Leave empty to protect indefinitely."
          min={isoDate(new Date())}
          value={day.value}
          onChange={(event) => setDay({ value: event.currentTarget.value, bad: event.currentTarget.validity.badInput })}
          onBlur={(event) => setDay({ value: event.currentTarget.value, bad: event.currentTarget.validity.badInput })}
          error={errors.until}
        />
        {errors.other && (
          <Alert color="red" role="alert">
            {errors.other}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} disabled={busy}>
            Cancel
          </Button>
          <Button type="submit" loading={busy}>
            Protect
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
