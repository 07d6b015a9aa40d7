/** Asks before the unsaved changes are thrown away. */
import { Text } from '@mantine/core';
import { useState } from 'react';
import type { ApiError } from '../../api/errors';
import { ConfirmDialog } from '../../ui/ConfirmDialog';
import { ErrorState } from '../../ui/states';
import { counted } from '../../ui/format';
import type { Editing } from './useEditor';

interface Props {
  opened: boolean;
  count: number;
  editing: Editing;
  close: () => void;
}

export function ResetDialog({ opened, count, editing: { draft, reset, resetting }, close }: Props) {
  const [error, setError] = useState<ApiError>();
  const leave = () => {
    setError(undefined);
    close();
  };
  const confirm = async () => {
    const failed = await reset();
    setError(failed);
    if (!failed) close();
  };
  return (
    <ConfirmDialog
      opened={opened}
      title="Reset to the saved settings?"
      confirmLabel={`Throw away ${counted(count, 'change')}`}
      busy={resetting}
      onConfirm={confirm}
      onClose={leave}
    >
      {error && <ErrorState title="Nothing was reset" error={error} />}
      <Text>
        Your {count === 1 ? 'unsaved change is' : `${count} unsaved changes are`} thrown away, with the draft that was kept of{' '}
        {count === 1 ? 'it' : 'them'}. Every switch then stands as it was saved last, in version {draft.current.version}.
      </Text>
      <Text>The settings in force stay as they are, for you and for everybody else.</Text>
    </ConfirmDialog>
  );
}
