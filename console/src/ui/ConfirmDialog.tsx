/** Asks before something is done that cannot be undone; where it is grave, a word has to be typed first. */
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';

interface Props {
  opened: boolean;
  title: string;
  /** What will happen. */
  children: ReactNode;
  /** What the button says: the action itself, such as "Anonymize 3 conversations". */
  confirmLabel: string;
  /** A word to be typed before the button works. */
  typed?: string;
  /** Whether what has to be done in the dialog first is done, such as a box to be ticked. */
  ready?: boolean;
  /** Whether the action cannot be undone. */
  danger?: boolean;
  /** While it is being done. */
  busy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

export function ConfirmDialog({ opened, title, onClose, busy = false, ...body }: Props) {
  const close = () => !busy && onClose();
  return (
    <Modal opened={opened} onClose={close} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <Body {...body} busy={busy} onClose={close} />
    </Modal>
  );
}

/** Body is mounted anew each time the dialog opens, and so forgets what was typed. */
function Body({
  children,
  confirmLabel,
  typed,
  ready: allowed = true,
  danger = false,
  busy,
  onConfirm,
  onClose,
}: Omit<Props, 'opened' | 'title'>) {
  const [text, setText] = useState('');
  useFocusBack();
  const ready = allowed && (!typed || text.trim().toLowerCase() === typed.toLowerCase());
  const submit = (event: React.SyntheticEvent) => {
    event.preventDefault();
    if (ready && !busy) onConfirm();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {children}
        {typed && (
          <TextInput
            label={`Type “${typed}” to continue`}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} disabled={busy}>
            Cancel
          </Button>
          <Button type="submit" color={danger ? 'red' : undefined} disabled={!ready} loading={busy}>
            {confirmLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** useFocusBack brings the focus back to where it was also where the dialog is taken away rather than closed. */
function useFocusBack(): void {
  useEffect(() => {
    const before = document.activeElement;
    return () => {
      if (document.activeElement === document.body && before instanceof HTMLElement) before.focus();
    };
  }, []);
}
