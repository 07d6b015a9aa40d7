/** A call: its recordings, and what was said in it by speaker. */
import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { More } from '../../ui/More';
import { PlayTogether } from './PlayTogether';
import type { CallSegment, InConversation } from './query';
import { Recordings } from './Recordings';
import { Stage } from './stage';
import { Transcript } from './Transcript';
import type { Messages } from './useMessages';

interface Props extends InConversation {
  segment: CallSegment;
  turns: Messages;
}

export function CallContent({ segment, turns, conversation, refetch }: Props) {
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
      <More shown={segment.media.length} of={segment.mediaCount} what="recordings" />
      <PlayTogether stage={stage} />
      <Transcript turns={turns} startedAt={segment.startedAt} stage={stage} />
    </>
  );
}
