/** A chat as bubbles: the contact centre's side at the right, everybody else at the left. */
import { Text } from '@mantine/core';
import type { ParticipantRole } from '../../api/generated/graphql';
import { Stored } from '../../ui/Stored';
import { By } from './By';
import { LongText } from './LongText';
import { Pages } from './Pages';
import type { ChatSegment } from './query';
import type { Messages } from './useMessages';
import classes from './texts.module.css';

const OURS: (ParticipantRole | undefined)[] = ['AGENT', 'SUPERVISOR', 'BOT'];

export function ChatContent({ segment, turns }: { segment: ChatSegment; turns: Messages }) {
  const { roomName, isRoomNameAnonymized, startedAt } = segment;
  return (
    <>
      {roomName && (
        <Text size="sm">
          Room: <Stored value={roomName} anonymized={isRoomNameAnonymized} />
        </Text>
      )}
      <Pages messages={turns} what="messages" className={classes.bubbles}>
        {(message, at) => (
          <li key={at} className={`${classes.bubble} ${OURS.includes(message.author?.role) ? classes.ours : ''}`}>
            <By message={message} since={startedAt} />
            <LongText text={message.text} anonymized={message.isAnonymized} />
          </li>
        )}
      </Pages>
    </>
  );
}
