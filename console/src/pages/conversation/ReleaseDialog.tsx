/** Asks before a protection ends, and says what follows. */
import { Alert, Text } from '@mantine/core';
import { useState } from 'react';
import { graphql } from '../../api/generated';
import { useApiMutation } from '../../api/useApiMutation';
import { inWords } from '../../ui/format';
import { errorText } from '../../ui/states';
import { ConfirmDialog } from '../../ui/ConfirmDialog';
import type { Conversation, MediaFile } from './query';
import { RECORDING } from '../../ui/labels';

const RELEASE = graphql(`
  mutation ReleaseMedia($input: ReleaseMediaInput!) {
    releaseMedia(input: $input) {
      conversations {
        id
      }
      userErrors {
        message
      }
    }
  }
`);

interface Props {
  file: MediaFile;
  conversation: Conversation;
  opened: boolean;
  onClose: () => void;
}

export function ReleaseDialog({ file, conversation, opened, onClose }: Props) {
  const [run, busy] = useApiMutation(RELEASE);
  const [problem, setProblem] = useState<string | null>(null);
  const owed = conversation.anonymization?.basicData.mediaFiles ?? false;
  const close = () => {
    setProblem(null);
    onClose();
  };
  const release = async () => {
    const { data, error } = await run({ input: { mediaFileIds: [file.id] } });
    const refused = data?.releaseMedia.userErrors[0];
    if (error) setProblem(errorText(error));
    else if (refused) setProblem(inWords(refused.message));
    else close();
  };
  return (
    <ConfirmDialog
      opened={opened}
      title={`Release the ${RECORDING[file.kind].toLowerCase()}?`}
      confirmLabel={owed ? 'Release and plan for deletion' : 'Release'}
      danger={owed}
      busy={busy}
      onConfirm={() => void release()}
      onClose={close}
    >
      <Text size="sm">{owed ? OWED : FREE}</Text>
      {problem && (
        <Alert color="red" role="alert">
          {problem}
        </Alert>
      )}
    </ConfirmDialog>
  );
}

const OWED =
  'The conversation was anonymized with Media files on, so the recording is planned for deletion at once and permanently deleted in the next deletion run. Until then you can protect it again.';
const FREE = 'The recording is kept until its conversation is anonymized with Media files on.';
