/** The cells of a row. They are plain elements: a hundred rows of them have to be quick. */
import {
  IconCalendarX,
  IconCheck,
  IconDeviceDesktop,
  IconFileUnknown,
  IconMail,
  IconMessage,
  IconPhone,
  IconShieldCheck,
  IconTrash,
  IconX,
  type Icon,
} from '@tabler/icons-react';
import type { ConversationType } from '../../api/generated/graphql';
import { dateAndTime, durationOr, fullTime } from '../../ui/format';
import { mediaWords, ROLE, TYPE } from '../../ui/labels';
import { Stored } from '../../ui/Stored';
import classes from './cells.module.css';
import type { Row } from './listing';

const TYPE_ICONS: Record<ConversationType, Icon> = {
  CALL: IconPhone,
  SCREEN_RECORDING: IconDeviceDesktop,
  EMAIL: IconMail,
  CHAT: IconMessage,
};

export function Types({ types }: { types: ConversationType[] }) {
  return (
    <span className={classes.types}>
      {types.map((type) => {
        const TypeIcon = TYPE_ICONS[type];
        return (
          <span key={type} title={TYPE[type]}>
            <TypeIcon size={18} stroke={1.6} role="img" aria-label={TYPE[type]} />
          </span>
        );
      })}
    </span>
  );
}

export function Began({ startedAt }: { startedAt: string }) {
  return (
    <time dateTime={startedAt} title={fullTime(startedAt)}>
      {dateAndTime(startedAt)}
    </time>
  );
}

export function Duration({ seconds }: { seconds: number }) {
  return <time dateTime={`PT${Math.round(seconds)}S`}>{durationOr(seconds)}</time>;
}

export function Participants({ participants, participantCount }: Pick<Row, 'participants' | 'participantCount'>) {
  const more = participantCount - participants.length;
  return (
    <ul className={classes.participants}>
      {participants.map((participant, at) => (
        <li key={at}>
          <span className={classes.role}>{ROLE[participant.role]}</span>{' '}
          <span className={`${classes.clamped} ${classes.name}`} title={participant.name ?? undefined}>
            {participant.name}
          </span>{' '}
          <span className={classes.clamped}>
            <Stored value={participant.phoneNumber} anonymized={participant.isPhoneNumberAnonymized} />
          </span>{' '}
          <span
            className={classes.clamped}
            title={participant.isDigitalAddressAnonymized ? undefined : (participant.digitalAddress ?? undefined)}
          >
            <Stored value={participant.digitalAddress} anonymized={participant.isDigitalAddressAnonymized} />
          </span>
        </li>
      ))}
      {more > 0 && <li className={classes.role}>and {more} more</li>}
    </ul>
  );
}

export function Metadata({ metadata, name }: Pick<Row, 'metadata'> & { name: string }) {
  const entry = metadata.find(({ key }) => key === name);
  if (!entry) return null;
  return (
    <span className={classes.clamped} title={entry.isAnonymized ? undefined : entry.value}>
      <Stored value={entry.value} anonymized={entry.isAnonymized} />
    </span>
  );
}

export function Reviewable({ isReviewable, anonymization }: Pick<Row, 'isReviewable' | 'anonymization'>) {
  return (
    <>
      <span className={classes.state}>
        {isReviewable ? (
          <IconCheck size={16} aria-hidden className={classes.yes} />
        ) : (
          <IconX size={16} aria-hidden className={classes.no} />
        )}
        {isReviewable ? 'Yes' : 'No'}
      </span>
      {anonymization && <span className={classes.note}>Anonymized {dateAndTime(anonymization.anonymizedAt)}</span>}
    </>
  );
}

const STATUS_ICON = { NONE: null, AVAILABLE: null, PLANNED_FOR_DELETION: IconCalendarX, DELETED: IconTrash, MISSING: IconFileUnknown };

export function Media({ mediaStatus, protectedMediaCount }: Pick<Row, 'mediaStatus' | 'protectedMediaCount'>) {
  const StatusIcon = STATUS_ICON[mediaStatus];
  return (
    <>
      {StatusIcon && (
        <span className={classes.state}>
          <StatusIcon size={16} aria-hidden />
          {mediaWords(mediaStatus, protectedMediaCount)}
        </span>
      )}
      {protectedMediaCount > 0 && (
        <span className={classes.state}>
          <IconShieldCheck size={16} aria-hidden />
          {protectedMediaCount} protected
        </span>
      )}
    </>
  );
}
