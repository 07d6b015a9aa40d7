/** The recordings of a call, side by side where there is room: each with what became of it, and its player. */
import { Alert, Anchor, Group, Text } from '@mantine/core';
import { duration } from '../../ui/format';
import { PROTECTION, RECORDING } from '../../ui/labels';
import { TimeText } from '../../ui/TimeText';
import { MediaState, ProtectedBadge, TYPE_ICON } from './badges';
import { Player } from './Player';
import { Protection } from './Protection';
import type { Conversation, MediaFile } from './query';
import classes from './Recordings.module.css';
import type { Stage } from './stage';

interface InCall {
  conversation: Conversation;
  stage: Stage;
  refetch: () => void;
}

export function Recordings({ files, ...rest }: InCall & { files: MediaFile[] }) {
  return (
    <div className={classes.recordings}>
      {files.map((file) => (
        <figure key={file.id} className={classes.recording}>
          <Caption file={file} conversation={rest.conversation} />
          <Playable file={file} {...rest} />
        </figure>
      ))}
    </div>
  );
}

function Caption({ file, conversation }: { file: MediaFile; conversation: Conversation }) {
  const Symbol = TYPE_ICON[file.kind === 'CALL' ? 'CALL' : 'SCREEN_RECORDING'];
  return (
    <figcaption>
      <Group gap="xs" justify="space-between">
        <Group gap={6}>
          <Symbol size={16} aria-hidden />
          <Text size="sm" fw={600}>
            {RECORDING[file.kind]}
          </Text>
          {file.durationSeconds !== null && (
            <Text size="sm" c="dimmed">
              {duration(file.durationSeconds)}
            </Text>
          )}
          <MediaState status={file.status} />
          {file.isProtected && <ProtectedBadge />}
        </Group>
        <Protection file={file} conversation={conversation} />
      </Group>
      <Details {...file} />
    </figcaption>
  );
}

/** Details are for users who may act on them; others do not get them from the API. */
function Details({ protection, deletionFailure }: MediaFile) {
  return (
    <>
      {protection && (
        <Text size="sm">
          Must be kept {protection.until ? <>until {<TimeText value={protection.until} />}</> : 'indefinitely'}:{' '}
          {PROTECTION[protection.reason]}
        </Text>
      )}
      {protection?.note && (
        <Text size="sm" className={classes.note}>
          Note: {protection.note}
        </Text>
      )}
      {deletionFailure && (
        <Alert color="orange" p="xs" mt={4}>
          Deletion failed: {deletionFailure}. The next deletion run tries again.
        </Alert>
      )}
    </>
  );
}

function Playable({ file, conversation, ...rest }: InCall & { file: MediaFile }) {
  const { status, playbackUrl, sourceUrl } = file;
  if (status === 'DELETED') return <Text size="sm">This recording was permanently deleted.</Text>;
  if (status === 'MISSING')
    return <Text size="sm">This recording is missing. It was not imported with the conversation; a later import can add it.</Text>;
  if (playbackUrl) return <Player file={{ ...file, playbackUrl }} conversationId={conversation.id} {...rest} />;
  if (sourceUrl) return <Elsewhere address={sourceUrl} />;
  return <Text size="sm">This recording cannot be played: it is not stored here or is being deleted.</Text>;
}

/** Elsewhere tells where a file lies that is not stored here. The address came with an import: nothing but a web address becomes a link. */
function Elsewhere({ address }: { address: string }) {
  const web = /^https?:\/\//i.test(address);
  return (
    <Text size="sm" className={classes.address}>
      The file is stored elsewhere:{' '}
      {web ? (
        <Anchor href={address} target="_blank" rel="noopener noreferrer" underline="always">
          {address}
        </Anchor>
      ) : (
        address
      )}
    </Text>
  );
}
