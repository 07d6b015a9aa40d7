/** A line of the log: when, a sign of what, the sentence, and what it opens. */
import { Anchor, Badge, Text, UnstyledButton } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { createElement, useId, useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import type { AuditActivity } from '../../api/generated/graphql';
import { iconOf, labelOf } from './activities';
import classes from './EventList.module.css';
import type { AuditEvent } from './events';
import { sentence, type Piece } from './sentence';
import { clockOf, fullTime } from '../../ui/format';
import { useSeen } from './useSeen';

interface Props {
  event: AuditEvent;
  /** What stands on the button that opens it. */
  more: string;
  /** What is said beside the sentence. */
  note?: string;
  /** What it opens; made only then. */
  children: () => ReactNode;
}

export function Line({ event, more, note, children }: Props) {
  const [open, setOpen] = useState(false);
  const details = useId();
  return (
    <li className={classes.event}>
      <time dateTime={event.occurredAt} title={fullTime(event.occurredAt)} className={classes.time}>
        {clockOf(event.occurredAt)}
      </time>
      <ActivityIcon activity={event.activity} />
      <Text size="sm" className={classes.text}>
        {note && (
          <Badge color="yellow" variant="light" size="sm" mr="xs" className={classes.badge}>
            Only a part
          </Badge>
        )}
        {sentence(event).map((piece, at) => (
          <Told key={at} piece={piece} />
        ))}
        {event.result === 'FAILURE' && <NotDone activity={event.activity} />}
        {note && <span className={classes.note}> {note}</span>}
      </Text>
      <UnstyledButton className={classes.more} aria-expanded={open} aria-controls={details} onClick={() => setOpen(!open)}>
        {more}
        <IconChevronDown size={16} aria-hidden className={classes.chevron} />
      </UnstyledButton>
      <div id={details} hidden={!open} className={classes.details}>
        {open && children()}
      </div>
    </li>
  );
}

function ActivityIcon({ activity }: { activity: AuditActivity }) {
  return createElement(iconOf(activity), { size: 18, stroke: 1.6, className: classes.icon, role: 'img', 'aria-label': labelOf(activity) });
}

function NotDone({ activity }: { activity: AuditActivity }) {
  return (
    <Badge color="red" variant="light" size="sm" ml="xs" className={classes.badge}>
      {activity === 'ACCESS_DENIED' ? 'Refused' : 'Not done'}
    </Badge>
  );
}

function Told({ piece }: { piece: Piece }) {
  if (typeof piece === 'string') return piece;
  if ('who' in piece) return <strong>{piece.who}</strong>;
  return <ConversationLink id={piece.conversation}>{piece.text}</ConversationLink>;
}

function ConversationLink({ id, children }: { id: string; children: string }) {
  if (!useSeen(id)) return children;
  return (
    <Anchor component={Link} to={`/conversations/${encodeURIComponent(id)}`} underline="always">
      {children}
    </Anchor>
  );
}
