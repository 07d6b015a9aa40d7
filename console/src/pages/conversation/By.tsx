/** Who said or wrote something, and when. */
import type { ReactNode } from 'react';
import { clockOf, dateAndClock, fullTime } from '../../ui/format';
import { ROLE } from '../../ui/labels';
import { Stored } from '../../ui/Stored';
import type { Message, Sender } from './query';
import classes from './texts.module.css';

interface Props {
  message: Message;
  /** When the segment began: on the same day, the time of day is enough. */
  since: string;
  /** The sender, whose digital address stands beside the name. */
  sender?: Sender | null;
  /** What the time is put into, such as a button. */
  around?: (time: ReactNode) => ReactNode;
}

export function By({ message: { author, sentAt }, since, sender, around = (time) => time }: Props) {
  return (
    <div className={classes.by}>
      <strong>{author ? (author.name ?? ROLE[author.role]) : 'Unknown'}</strong>
      {sender?.digitalAddress && (
        <>
          {' '}
          <Stored value={sender.digitalAddress} anonymized={sender.isDigitalAddressAnonymized} />
        </>
      )}
      {author?.name && ` ${ROLE[author.role]}`}
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
