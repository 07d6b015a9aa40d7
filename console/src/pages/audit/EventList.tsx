/** Events, newest first, day by day, what was done together in one line. */
import { Title } from '@mantine/core';
import { batchesOf, sumOf, type Batch } from './batches';
import { Details } from './Details';
import classes from './EventList.module.css';
import type { AuditEvent } from './events';
import { Line } from './Line';
import { dayOf } from '../../ui/format';
import type { View } from './useAuditView';
import type { EventPage } from './useEvents';

interface Props {
  page: EventPage;
  view: View;
}

export function EventList({ page: { events, cut }, view }: Props) {
  const ends = [cut.first ? events[0] : undefined, cut.last ? events.at(-1) : undefined];
  return byDay(events).map(([day, those]) => (
    <section key={day} aria-label={day}>
      <Title order={2} size="sm" className={classes.day}>
        {day}
      </Title>
      <ol className={classes.list}>
        {batchesOf(those).map((batch) => (
          <BatchLine key={batch[0].id} batch={batch} view={view} cut={batch.some((event) => ends.includes(event))} />
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

/** BatchLine counts what this page has: where a batch is too long for it, such as a large import, it says so. */
function BatchLine({ batch, view, cut }: { batch: Batch; view: View; cut: boolean }) {
  if (batch.length === 1 && !cut) return <EventLine event={batch[0]} view={view} />;
  return (
    <Line
      event={sumOf(batch)}
      more={`${batch.length} events`}
      note={cut ? 'Totals cover this page only; the action continues on the next page.' : undefined}
    >
      {() => (
        <ol className={classes.list}>
          {batch.map((event) => (
            <EventLine key={event.id} event={event} view={view} />
          ))}
        </ol>
      )}
    </Line>
  );
}

function EventLine({ event, view }: { event: AuditEvent; view: View }) {
  return (
    <Line event={event} more="Details">
      {() => <Details event={event} view={view} />}
    </Line>
  );
}
