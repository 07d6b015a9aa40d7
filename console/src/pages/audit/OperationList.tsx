/** Operations, newest first, day by day: a line each, which opens to its events. */
import { Button, Group, Title } from '@mantine/core';
import { loneEvent, operationSentence, type Operation } from '../../audit/operation';
import { Details } from '../../audit/Details';
import { EventLines } from '../../audit/EventLines';
import { EVENTS_OF_OPERATION, type AuditEvent } from '../../audit/events';
import { Line } from '../../audit/Line';
import classes from '../../audit/Line.module.css';
import { More } from '../../audit/More';
import { usePages } from '../../audit/usePages';
import { counted, dayOf } from '../../ui/format';
import type { View } from './useAuditView';

/** How many events of an operation are read at once. */
const EVENTS_AT_ONCE = 50;

export function OperationList({ operations, view }: { operations: Operation[]; view: View }) {
  return byDay(operations).map(([day, those]) => (
    <section key={day} aria-label={day}>
      <Title order={2} size="sm" className={classes.day}>
        {day}
      </Title>
      <ol className={classes.list}>
        {those.map((operation) => (
          <OperationLine key={operation.id} operation={operation} view={view} />
        ))}
      </ol>
    </section>
  ));
}

/** byDay groups what is in order of time already. */
function byDay(operations: Operation[]): [string, Operation[]][] {
  const days = new Map<string, Operation[]>();
  for (const operation of operations) {
    const day = dayOf(operation.occurredAt);
    days.set(day, [...(days.get(day) ?? []), operation]);
  }
  return [...days];
}

function OperationLine({ operation, view }: { operation: Operation; view: View }) {
  const { id, occurredAt, activity, result, eventCount } = operation;
  const single = loneEvent(operation);
  const actions = (event: AuditEvent) => <Narrow event={event} view={view} />;
  return (
    <Line
      occurredAt={occurredAt}
      activity={activity}
      result={result}
      pieces={operationSentence(operation)}
      more={single ? 'Details' : counted(eventCount, 'event')}
    >
      {() => (single ? <Details event={single} actions={actions(single)} /> : <Events id={id} actions={actions} />)}
    </Line>
  );
}

function Events({ id, actions }: { id: string; actions: (event: AuditEvent) => React.ReactNode }) {
  const pages = usePages(EVENTS_OF_OPERATION, id, EVENTS_AT_ONCE, ({ node }) => (node && 'events' in node ? node.events : null));
  return (
    <>
      {pages.items.length > 0 && <EventLines events={pages.items} actions={actions} />}
      <More pages={pages} label="Loading the events" />
    </>
  );
}

/** Narrow narrows the log to what is like an event. */
function Narrow({ event: { user, conversation }, view }: { event: AuditEvent; view: View }) {
  return (
    <Group gap="xs" pb="xs">
      {user.userId !== null && user.userId !== view.user?.userId && (
        <Button size="compact-xs" variant="default" onClick={() => view.pickUser(user)}>
          Only events of this user
        </Button>
      )}
      {conversation && conversation.id !== view.filter.conversation && (
        <Button size="compact-xs" variant="default" onClick={() => view.change({ conversation: conversation.id })}>
          Only this conversation
        </Button>
      )}
    </Group>
  );
}
