/** Keeps a recording from being deleted, or lets it go, for holders of MANAGE_DATA_LIFECYCLE. */
import { Button, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMay } from '../../auth/viewer';
import { ProtectDialog } from './ProtectDialog';
import { ReleaseDialog } from './ReleaseDialog';
import type { Conversation, MediaFile } from './query';
import { RECORDING } from '../../ui/labels';

interface Props {
  file: MediaFile;
  conversation: Conversation;
}

export function Protection(props: Props) {
  return useMay('MANAGE_DATA_LIFECYCLE') && props.file.status !== 'DELETED' ? <Actions {...props} /> : null;
}

function Actions({ file, conversation }: Props) {
  const [protecting, protect] = useDisclosure();
  const [releasing, release] = useDisclosure();
  const name = RECORDING[file.kind].toLowerCase();
  const button = (label: string, onClick: () => void, joined = `${label} ${name}`) => (
    <Button size="compact-sm" variant="default" onClick={onClick} aria-label={joined}>
      {label}
    </Button>
  );
  return (
    <Group gap={6}>
      {file.isProtected ? button('Change protection', protect.open, `Change protection of ${name}`) : button('Protect', protect.open)}
      {file.isProtected && button('Release', release.open)}
      <ProtectDialog file={file} conversation={conversation} opened={protecting} onClose={protect.close} />
      <ReleaseDialog file={file} conversation={conversation} opened={releasing} onClose={release.close} />
    </Group>
  );
}
