/** Asks before the unsaved changes are discarded. */
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
      confirmLabel={`Discard ${counted(count, 'change')}`}
      busy={resetting}
      onConfirm={confirm}
      onClose={leave}
    >
      {error && <ErrorState title="The settings were not reset" error={error} />}
      <Text>
        This discards {counted(count, 'unsaved change')} and the draft, and returns to the saved version {draft.current.version}.
      </Text>
      <Text>The saved settings do not change.</Text>
    </ConfirmDialog>
  );
}
