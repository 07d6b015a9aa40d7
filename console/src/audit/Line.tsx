/** A line of the log: when, a sign of what, the sentence, and what it opens. */
import { Anchor, Badge, Text, UnstyledButton } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { createElement, useId, useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import type { AuditActivity, AuditOperationResult } from '../api/generated/graphql';
import { clockOf, fullTime } from '../ui/format';
import { iconOf, labelOf } from './activities';
import classes from './Line.module.css';
import type { Piece } from './sentence';

interface Props {
  occurredAt: string;
  activity: AuditActivity;
  result: AuditOperationResult;
  pieces: Piece[];
  /** What stands on the button that opens it. */
  more: string;
  /** How the time is said; the clock alone where the day stands above. */
  at?: (time: string) => string;
  /** What it opens; made only then. */
  children: () => ReactNode;
}

export function Line({ occurredAt, activity, result, pieces, more, at = clockOf, children }: Props) {
  const [open, setOpen] = useState(false);
  const details = useId();
  return (
    <li className={classes.event}>
      <time dateTime={occurredAt} title={fullTime(occurredAt)} className={classes.time}>
        {at(occurredAt)}
      </time>
      <ActivityIcon activity={activity} />
      <Text size="sm" className={classes.text}>
        {pieces.map((piece, place) => (
          <PieceText key={place} piece={piece} />
        ))}
        {result !== 'SUCCESS' && <NotDone activity={activity} result={result} />}
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

function NotDone({ activity, result }: { activity: AuditActivity; result: AuditOperationResult }) {
  const partly = result === 'PARTIAL';
  return (
    <Badge color={partly ? 'yellow' : 'red'} variant="light" size="sm" ml="xs" className={classes.badge}>
      {partly ? 'Partly refused' : activity === 'ACCESS_DENIED' ? 'Denied' : 'Refused or failed'}
    </Badge>
  );
}

function PieceText({ piece }: { piece: Piece }) {
  if (typeof piece === 'string') return piece;
  if ('who' in piece) return <strong>{piece.who}</strong>;
  return (
    <Anchor component={Link} to={`/conversations/${encodeURIComponent(piece.conversation)}`} underline="always">
      {piece.text}
    </Anchor>
  );
}
