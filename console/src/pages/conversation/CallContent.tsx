/** A call: its recordings, and what was said in it by speaker. */
import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { PlayTogether } from './PlayTogether';
import type { CallSegment, InConversation } from './query';
import { Recordings } from './Recordings';
import { Stage } from './stage';
import { Transcript } from './Transcript';

export function CallContent({ segment, conversation, refetch }: InConversation & { segment: CallSegment }) {
  const stage = useMemo(() => new Stage(segment.startedAt), [segment.startedAt]);
  return (
    <>
      {segment.media.length > 0 ? (
        <Recordings files={segment.media} conversation={conversation} stage={stage} refetch={refetch} />
      ) : (
        <Text size="sm" c="dimmed">
          This call was not recorded.
        </Text>
      )}
      <PlayTogether stage={stage} />
      <Transcript segment={segment} stage={stage} />
    </>
  );
}
