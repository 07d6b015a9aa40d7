/** What is to be seen at a glance: what it is, when it was, whether it can be reviewed, and what became of its media. */
import { Group, Paper, Stack, Text } from '@mantine/core';
import type { MediaStatus } from '../../api/generated/graphql';
import { durationOr } from '../../ui/format';
import { DIRECTION } from '../../ui/labels';
import { TimeText } from '../../ui/TimeText';
import { Facts, type Fact } from './Facts';
import { MediaState, ProtectedBadge, ReviewBadge, TypeBadge } from './badges';
import type { Conversation } from './query';
import { why } from './words';

export function Head({ conversation }: { conversation: Conversation }) {
  const { types, mediaStatus, protectedMediaCount } = conversation;
  const media = !['NONE', 'AVAILABLE'].includes(mediaStatus) || protectedMediaCount > 0;
  return (
    <Paper withBorder p="md">
      <Stack gap="md">
        <Group gap="xs">
          {types.map((type) => (
            <TypeBadge key={type} type={type} />
          ))}
        </Group>
        <Facts wide facts={factsOf(conversation)} />
        <Facts
          facts={[
            ['Reviewable', <Review key="" {...conversation} />],
            ['Media', media && <Media key="" status={mediaStatus} count={protectedMediaCount} />],
          ]}
        />
      </Stack>
    </Paper>
  );
}

function factsOf({ startedAt, endedAt, durationSeconds, direction }: Conversation): Fact[] {
  return [
    ['Started', <TimeText key="" value={startedAt} />],
    ['Ended', <TimeText key="" value={endedAt} />],
    ['Duration', durationOr(durationSeconds)],
    ['Direction', direction ? DIRECTION[direction] : 'Unknown'],
  ];
}

const Review = ({ isReviewable, segments }: Conversation) => (
  <Group gap="xs">
    <ReviewBadge reviewable={isReviewable} />
    <Text size="sm">{why(segments)}</Text>
  </Group>
);

const Media = ({ status, count }: { status: MediaStatus; count: number }) => (
  <Group gap="xs">
    <MediaState status={status} protectedFiles={count} />
    {count > 0 && <ProtectedBadge count={count} />}
  </Group>
);
