/** The calls, e-mail threads and chats, in order, each with why it can or can no longer be reviewed. */
import { Group, Text } from '@mantine/core';
import type { MessageKind } from '../../api/generated/graphql';
import { duration } from '../../ui/format';
import { More } from '../../ui/More';
import { TimeText } from '../../ui/TimeText';
import { Empty } from '../../ui/states';
import { CallContent } from './CallContent';
import { ChatContent } from './ChatContent';
import { EmailContent } from './EmailContent';
import { MADE, Made } from './Made';
import { Panel } from './Panel';
import type { InConversation, Segment } from './query';
import { useMessages, type Messages } from './useMessages';
import { REASON } from './words';

export function Segments({ conversation, refetch }: InConversation) {
  if (conversation.segments.length === 0) return <Empty title="This conversation is empty" />;
  return (
    <>
      {conversation.segments.map((segment, at) => (
        <Panel key={segment.id} title={titleOf(segment, at, conversation.segmentCount)} beside={<When {...segment} />}>
          <Why {...segment} />
          <Content segment={segment} conversation={conversation} refetch={refetch} />
        </Panel>
      ))}
      <More shown={conversation.segments.length} of={conversation.segmentCount} what="calls, e-mail threads and chats" />
    </>
  );
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

/** What the first page of each kind of segment asks for, and so later ones too. */
const TURNS: Record<Segment['__typename'], MessageKind[]> = {
  CallSegment: ['TRANSCRIPT'],
  EmailSegment: ['EMAIL_BODY'],
  ChatSegment: ['CHAT_MESSAGE'],
};

interface Props extends InConversation {
  segment: Segment;
}

function Content({ segment, ...rest }: Props) {
  const of = { id: segment.id, anonymizedAt: rest.conversation.anonymization?.anonymizedAt };
  const turns = useMessages(segment.turns, { ...of, kinds: TURNS[segment.__typename] });
  const made = useMessages(segment.made, { ...of, kinds: MADE });
  return (
    <>
      <Own segment={segment} turns={turns} {...rest} />
      <Made messages={made} />
    </>
  );
}

function Own({ segment, turns, ...rest }: Props & { turns: Messages }) {
  switch (segment.__typename) {
    case 'EmailSegment':
      return <EmailContent segment={segment} turns={turns} />;
    case 'ChatSegment':
      return <ChatContent segment={segment} turns={turns} />;
    case 'CallSegment':
      return <CallContent segment={segment} turns={turns} {...rest} />;
  }
}
