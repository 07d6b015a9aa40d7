/** Events of the audit log, a line each, which opens to all that the event holds. */
import type { ReactNode } from 'react';
import { Details } from './Details';
import type { AuditEvent } from './events';
import { Line } from './Line';
import classes from './Line.module.css';
import { sentence } from './sentence';

interface Props {
  events: AuditEvent[];
  /** How times are said. */
  at?: (time: string) => string;
  /** What can be done from an event that is open. */
  actions?: (event: AuditEvent) => ReactNode;
}

export function EventLines({ events, at, actions }: Props) {
  return (
    <ol className={classes.list}>
      {events.map((event) => (
        <Line
          key={event.id}
          occurredAt={event.occurredAt}
          activity={event.activity}
          result={event.result}
          pieces={sentence(event)}
          more="Details"
          at={at}
        >
          {() => <Details event={event} actions={actions?.(event)} />}
        </Line>
      ))}
    </ol>
  );
}
