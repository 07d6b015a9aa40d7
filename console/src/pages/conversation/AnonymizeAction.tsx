/**
 * The one place of the button that anonymizes the conversation, for holders of INTERACTION_ANONYMIZE. It stands outside of what is dropped from
 * the page afterwards, since the dialog then still tells what came of it.
 */
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconEraser } from '@tabler/icons-react';
import { AnonymizeDialog } from '../../anonymize/AnonymizeDialog';
import { useMay } from '../../auth/viewer';

export function AnonymizeAction({ id, onDone }: { id: string; onDone?: () => void }) {
  const [opened, { open, close }] = useDisclosure();
  if (!useMay('INTERACTION_ANONYMIZE')) return null;
  return (
    <>
      <Button color="red" variant="light" size="sm" leftSection={<IconEraser size={16} aria-hidden />} onClick={open}>
        Anonymize…
      </Button>
      <AnonymizeDialog ids={[id]} opened={opened} onClose={close} onDone={onDone} />
    </>
  );
}
