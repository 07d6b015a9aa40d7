/** The calls, e-mail threads and chats, in order, each with why it can or can no longer be reviewed. */
import { Group, Text } from '@mantine/core';
import { duration } from '../../ui/format';
import { TimeText } from '../../ui/TimeText';
import { Empty } from '../../ui/states';
import { CallContent } from './CallContent';
import { ChatContent } from './ChatContent';
import { EmailContent } from './EmailContent';
import { Made } from './Made';
import { Panel } from './Panel';
import type { InConversation, Segment } from './query';
import { REASON } from './words';

export function Segments({ conversation, refetch }: InConversation) {
  if (conversation.segments.length === 0) return <Empty title="This conversation is empty" />;
  return conversation.segments.map((segment, at) => (
    <Panel key={segment.id} title={titleOf(segment, at, conversation.segments.length)} beside={<When {...segment} />}>
      <Why {...segment} />
      <Content segment={segment} conversation={conversation} refetch={refetch} />
      <Made messages={segment.messages} />
    </Panel>
  ));
}

const NAMES = { CallSegment: 'Call', EmailSegment: 'E-mail', ChatSegment: 'Chat' };

function titleOf({ __typename }: Segment, at: number, count: number): string {
  const name = NAMES[__typename];
  return count === 1 ? name : `${at + 1}. ${name}`;
}

const When = ({ startedAt, durationSeconds }: Segment) => (
  <Text size="sm" c="dimmed">
    <TimeText value={startedAt} />
    {durationSeconds !== null && durationSeconds > 0 && ` · ${duration(durationSeconds)}`}
  </Text>
);

function Why({ isAnonymized, reviewabilityReason }: Segment) {
  return (
    <Group gap="xs">
      <Text size="sm">
        <Text component="span" inherit fw={600}>
          {isAnonymized ? 'Not reviewable.' : 'Reviewable.'}
        </Text>{' '}
        {REASON[reviewabilityReason]}
      </Text>
    </Group>
  );
}

function Content({ segment, ...rest }: InConversation & { segment: Segment }) {
  switch (segment.__typename) {
    case 'EmailSegment':
      return <EmailContent segment={segment} />;
    case 'ChatSegment':
      return <ChatContent segment={segment} />;
    case 'CallSegment':
      return <CallContent segment={segment} {...rest} />;
  }
}
