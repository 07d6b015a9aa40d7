/** Protects a recording, or changes why and until when: a reason is required, a note and an end are not. */
import { Alert, Button, Group, Modal, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core';
import type { ProtectionReason } from '../../api/generated/graphql';
import type { Conversation, MediaFile } from './query';
import { useProtect } from './useProtect';
import { isoDate } from '../../ui/format';
import { PROTECTION, RECORDING } from '../../ui/labels';

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

const REASONS = [{ value: '', label: 'Choose a reason' }, ...Object.entries(PROTECTION).map(([value, label]) => ({ value, label }))];

/** Form is mounted anew each time the dialog opens, with what is in force. */
function Form({ file, onClose }: Omit<Props, 'opened'>) {
  const { reason, setReason, note, setNote, day, setDay, errors, busy, submit } = useProtect(file, onClose);
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <NativeSelect
          label="Reason"
          description="Why it must be kept. The reason stays in the audit log."
          withAsterisk
          required
          data={REASONS}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value as ProtectionReason | '')}
          error={errors.reason}
          data-autofocus
        />
        <Textarea
          label="Note"
          description="It is shown with the recording and does not enter the audit log. Anonymizing the conversation erases it, and so does the end of the protection."
          autosize
          minRows={2}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          error={errors.note}
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
