/** Saves the conversation as vCon, for holders of INTERACTIONS_EXPORT_JSON. */
import { Alert, Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useMay } from '../../auth/viewer';
import type { Conversation } from './query';
import { useExport } from './useExport';

interface Props {
  conversation: Conversation;
}

export function ExportAction(props: Props) {
  return useMay('INTERACTIONS_EXPORT_JSON') ? <Export {...props} /> : null;
}

function Export({ conversation }: Props) {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" size="sm" leftSection={<IconDownload size={16} aria-hidden />} onClick={open}>
        Export as vCon…
      </Button>
      <Modal opened={opened} onClose={close} title="Export as vCon" closeButtonProps={{ 'aria-label': 'Close' }}>
        <Choices conversation={conversation} close={close} />
      </Modal>
    </>
  );
}

function Choices({ conversation: { id, vcons, segments, anonymization }, close }: Props & { close: () => void }) {
  const [media, setMedia] = useState(false);
  // Names of files get everywhere: the vCon's uuid tells nothing about people.
  const { run, busy, problem } = useExport(id, `${vcons[0] ?? 'conversation'}.vcon.json`);
  const hasMedia = segments.some((segment) => segment.__typename === 'CallSegment' && segment.media.some(({ playbackUrl }) => playbackUrl));
  return (
    <Stack>
      <Text size="sm">
        The file contains everything stored for this conversation{anonymization ? '; removed data appears as placeholders' : ''}. An
        exported file can no longer be anonymized.
      </Text>
      {hasMedia && (
        <Checkbox
          label="Include recordings"
          description="Up to 32 MB"
          checked={media}
          onChange={(event) => setMedia(event.currentTarget.checked)}
        />
      )}
      {problem && (
        <Alert color="red" role="alert" title="The conversation was not exported">
          {problem}
        </Alert>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button loading={busy} onClick={() => void run(media).then((saved) => saved && close())}>
          Export
        </Button>
      </Group>
    </Stack>
  );
}
