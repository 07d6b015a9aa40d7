/** A call: its recordings, and what was said in it by speaker. */
import { Text, Title } from '@mantine/core';
import { By } from './By';
import { Folding } from './Folding';
import { LongText } from './LongText';
import type { CallSegment } from './query';
import { Recordings } from './Recordings';
import type { InConversation } from './Segments';
import classes from './texts.module.css';

export function CallContent({ segment, conversation, refetch }: InConversation & { segment: CallSegment }) {
  const turns = segment.messages.filter(({ kind }) => kind === 'TRANSCRIPT');
  return (
    <>
      {segment.media.length > 0 ? (
        <Recordings files={segment.media} conversation={conversation} refetch={refetch} />
      ) : (
        <Text size="sm" c="dimmed">
          This call was not recorded.
        </Text>
      )}
      {turns.length > 0 && (
        <Title order={3} size="h6">
          Transcript
        </Title>
      )}
      <Folding items={turns} what="turns" className={classes.turns}>
        {(message, at) => (
          <li key={at} className={classes.turn}>
            <By message={message} since={segment.startedAt} />
            <LongText text={message.text} anonymized={message.anonymized} />
          </li>
        )}
      </Folding>
    </>
  );
}
