/** Who said or wrote something, and when. */
import type { ReactNode } from 'react';
import { clockOf, dateAndClock, fullTime } from '../../ui/format';
import { ROLE } from '../../ui/labels';
import { Stored } from '../../ui/Stored';
import type { Message, Participant } from './query';
import classes from './texts.module.css';

interface Props {
  message: Message;
  /** When the segment began: on the same day, the time of day is enough. */
  since: string;
  /** The participant who is meant, where that is certain. */
  participant?: Participant;
  /** What the time is put into, such as a button. */
  around?: (time: ReactNode) => ReactNode;
}

export function By({ message: { author, authorRole, sentAt }, since, participant, around = (time) => time }: Props) {
  return (
    <div className={classes.by}>
      <strong>{author ?? (authorRole ? ROLE[authorRole] : 'Unknown')}</strong>
      {participant?.digitalAddress && (
        <>
          {' '}
          <Stored value={participant.digitalAddress} anonymized={participant.digitalAddressAnonymized} />
        </>
      )}
      {author && authorRole && ` ${ROLE[authorRole]}`}
      {sentAt && (
        <>
          {' · '}
          {around(<When value={sentAt} since={since} />)}
        </>
      )}
    </div>
  );
}

function When({ value, since }: { value: string; since: string }) {
  const sameDay = new Date(value).toDateString() === new Date(since).toDateString();
  return (
    <time dateTime={value} title={fullTime(value)}>
      {(sameDay ? clockOf : dateAndClock)(value)}
    </time>
  );
}
