/** The deliberate second step: for several conversations their number is typed, for one a box is ticked. */
import { Button, Checkbox, Group, Stack, TextInput } from '@mantine/core';
import { useEffect, useEffectEvent, useState } from 'react';
import type { Preview } from './operations';
import { conversations } from './words';

interface Props {
  preview: Preview;
  busy: boolean;
  /** The preview is being asked anew: a press is held until the answer says that it still holds for what was shown. */
  waiting: boolean;
  /** Asking anew has failed: nobody knows whether what was shown still holds, so a held press is dropped. */
  failed: boolean;
  onConfirm: () => Promise<void>;
  onClose: () => void;
}

export function Confirm({ preview: { conversationCount: many, unchangedCount }, busy, waiting, failed, onConfirm, onClose }: Props) {
  const [typed, setTyped] = useState('');
  const pointless = unchangedCount === many;
  const ready = !pointless && typed.trim() === String(many);
  const [press, held] = useHeldPress(waiting, failed, onConfirm);
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    if (ready && !busy) press();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {!pointless && <Step many={many} typed={typed} onTyped={setTyped} busy={busy || held} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} disabled={busy}>
            {pointless ? 'Close' : 'Cancel'}
          </Button>
          {!pointless && (
            <Button type="submit" color="red" disabled={!ready} loading={busy || held}>
              Anonymize {conversations(many)}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

/**
 * useHeldPress confirms at once, or, while the preview is being asked anew, as soon as the same preview was answered. Where another one was answered
 * the whole confirmation is mounted anew, and the press is gone with it.
 */
function useHeldPress(waiting: boolean, failed: boolean, onConfirm: () => Promise<void>): [press: () => void, held: boolean] {
  const [held, setHeld] = useState(false);
  const release = useEffectEvent(async () => (failed ? undefined : onConfirm()));
  useEffect(() => {
    if (held && !waiting) void release().finally(() => setHeld(false));
  }, [held, waiting]);
  return [() => (waiting ? setHeld(true) : void onConfirm()), held];
}

interface StepProps {
  many: number;
  typed: string;
  onTyped: (text: string) => void;
  busy: boolean;
}

function Step({ many, typed, onTyped, busy }: StepProps) {
  if (many === 1) {
    const label = 'I understand this cannot be undone';
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
      label={`Type ${many} (the number of conversations) to confirm`}
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
