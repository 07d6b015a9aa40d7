/** The deliberate second step: for several conversations their number is typed, for one a box is ticked. */
import { Button, Checkbox, Group, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Preview } from './operations';
import { conversations } from './words';

interface Props {
  preview: Preview;
  busy: boolean;
  /** The preview is being asked anew. */
  waiting: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

export function Confirm({ preview: { conversationCount: many, unchangedCount }, busy, waiting, onConfirm, onClose }: Props) {
  const [typed, setTyped] = useState('');
  const pointless = unchangedCount === many;
  const ready = !pointless && !waiting && typed.trim() === String(many);
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    if (ready && !busy) onConfirm();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {!pointless && <Step many={many} typed={typed} onTyped={setTyped} busy={busy} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} disabled={busy}>
            {pointless ? 'Close' : 'Cancel'}
          </Button>
          {!pointless && (
            <Button type="submit" color="red" disabled={!ready} loading={busy}>
              Anonymize {conversations(many)}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

interface StepProps {
  many: number;
  typed: string;
  onTyped: (text: string) => void;
  busy: boolean;
}

function Step({ many, typed, onTyped, busy }: StepProps) {
  if (many === 1) {
    const label = 'I know that this cannot be undone';
    return (
      <Checkbox
        label={label}
        checked={typed !== ''}
        onChange={(event) => onTyped(event.currentTarget.checked ? '1' : '')}
        disabled={busy}
      />
    );
  }
  return (
    <TextInput
      label={`Type ${many}, the number of conversations, to confirm`}
      value={typed}
      onChange={(event) => onTyped(event.currentTarget.value)}
      inputMode="numeric"
      autoComplete="off"
      disabled={busy}
      w="100%"
      maw="24rem"
    />
  );
}
