/** A chat as bubbles: the contact centre's side at the right, everybody else at the left. */
import { Text } from '@mantine/core';
import type { ParticipantRole } from '../../api/generated/graphql';
import { Stored } from '../../ui/Stored';
import { By } from './By';
import { Folding } from './Folding';
import { LongText } from './LongText';
import type { ChatSegment } from './query';
import classes from './texts.module.css';

const OURS: (ParticipantRole | undefined)[] = ['AGENT', 'SUPERVISOR', 'BOT'];

export function ChatContent({ segment: { roomName, isRoomNameAnonymized, messages, startedAt } }: { segment: ChatSegment }) {
  const turns = messages.filter(({ kind }) => kind === 'CHAT_MESSAGE');
  return (
    <>
      {roomName && (
        <Text size="sm">
          Room: <Stored value={roomName} anonymized={isRoomNameAnonymized} />
        </Text>
      )}
      <Folding items={turns} what="messages" className={classes.bubbles}>
        {(message, at) => (
          <li key={at} className={`${classes.bubble} ${OURS.includes(message.author?.role) ? classes.ours : ''}`}>
            <By message={message} since={startedAt} />
            <LongText text={message.text} anonymized={message.isAnonymized} />
          </li>
        )}
      </Folding>
    </>
  );
}
