/** Events, newest first, day by day. */
import { Anchor, Badge, Text, Title, UnstyledButton } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { createElement, useId, useState } from 'react';
import { Link } from 'react-router';
import type { AuditActivity } from '../../api/generated/graphql';
import { iconOf, labelOf } from './activities';
import { Details } from './Details';
import classes from './EventList.module.css';
import type { AuditEvent } from './events';
import { sentence, type Piece } from './sentence';
import { clockOf, dayOf, fullTime } from './times';
import type { View } from './useAuditView';
import { useSeen } from './useSeen';

export function EventList({ events, view }: { events: AuditEvent[]; view: View }) {
  return byDay(events).map(([day, those]) => (
    <section key={day} aria-label={day}>
      <Title order={2} size="sm" className={classes.day}>
        {day}
      </Title>
      <ol className={classes.list}>
        {those.map((event) => (
          <Event key={event.id} event={event} view={view} />
        ))}
      </ol>
    </section>
  ));
}

/** byDay groups what is in order of time already. */
function byDay(events: AuditEvent[]): [string, AuditEvent[]][] {
  const days = new Map<string, AuditEvent[]>();
  for (const event of events) days.set(dayOf(event.at), [...(days.get(dayOf(event.at)) ?? []), event]);
  return [...days];
}

function Event({ event, view }: { event: AuditEvent; view: View }) {
  const [open, setOpen] = useState(false);
  const details = useId();
  return (
    <li className={classes.event}>
      <time dateTime={event.at} title={fullTime(event.at)} className={classes.time}>
        {clockOf(event.at)}
      </time>
      <ActivityIcon activity={event.activity} />
      <Text size="sm" className={classes.text}>
        {sentence(event).map((piece, at) => (
          <Told key={at} piece={piece} />
        ))}
        {event.result === 'FAILURE' && <NotDone activity={event.activity} />}
      </Text>
      <UnstyledButton className={classes.more} aria-expanded={open} aria-controls={details} onClick={() => setOpen(!open)}>
        Details
        <IconChevronDown size={16} aria-hidden className={classes.chevron} />
      </UnstyledButton>
      <div id={details} hidden={!open} className={classes.details}>
        {open && <Details event={event} view={view} />}
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
