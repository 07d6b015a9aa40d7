/** What was said in a call, turn by turn. A turn can be played where a recording has it, and is marked while it is heard. */
import { Title, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { IconPlayerPlayFilled } from '@tabler/icons-react';
import { memo, useMemo, useSyncExternalStore, type ReactNode } from 'react';
import { By } from './By';
import { clockOf, instantOf, turnAt } from './instants';
import { LongText } from './LongText';
import { Pages } from './Pages';
import type { Message } from './query';
import type { Messages } from './useMessages';
import type { Stage } from './stage';
import classes from './Transcript.module.css';

interface Said {
  turns: Messages;
  /** When the call began. */
  startedAt: string;
  stage: Stage;
}

export function Transcript({ turns, startedAt, stage }: Said) {
  const said = turns.shown;
  const instants = useMemo(() => said.map(({ sentAt }) => instantOf(sentAt, startedAt)), [said, startedAt]);
  const plays = useSyncExternalStore(stage.subscribe, () => stage.plays(instants));
  // Only the index, so that nothing is rendered before the next turn; and then only the two turns that it is about.
  const heard = useSyncExternalStore(stage.subscribe, () => turnAt(instants, stage.heardAt()));
  if (said.length === 0) return null;
  return (
    <>
      <Title order={3} size="h6">
        Transcript
      </Title>
      <Pages messages={turns} what="turns" className={classes.turns}>
        {(message, at) => (
          <Turn
            key={at}
            message={message}
            since={startedAt}
            instant={plays[at] === '1' ? instants[at]! : null}
            heard={at === heard}
            play={stage.playFrom}
          />
        )}
      </Pages>
    </>
  );
}

interface Props {
  message: Message;
  since: string;
  /** Where it can be played; null where it cannot. */
  instant: number | null;
  heard: boolean;
  play: (seconds: number) => void;
}

const Turn = memo(function Turn({ message, since, instant, heard, play }: Props) {
  const button = (time: ReactNode) => <PlayFrom instant={instant!} play={play} time={time} />;
  return (
    <li className={classes.turn} aria-current={heard || undefined}>
      <By message={message} since={since} around={instant === null ? undefined : button} />
      <LongText text={message.text} anonymized={message.isAnonymized} />
    </li>
  );
});

/** Its name has what is seen of it, for those who say what they want pressed. */
function PlayFrom({ instant, play, time }: { instant: number; play: (seconds: number) => void; time: ReactNode }) {
  return (
    <UnstyledButton className={classes.play} onClick={() => play(instant)}>
      <IconPlayerPlayFilled size={10} aria-hidden /> <VisuallyHidden>Play from {clockOf(instant)}, </VisuallyHidden>
      {time}
    </UnstyledButton>
  );
}
