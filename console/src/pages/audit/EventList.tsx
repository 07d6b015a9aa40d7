/** Events, newest first, day by day, what was done together in one line. */
import { Title } from '@mantine/core';
import { deedsOf, sumOf, type Deed } from './deeds';
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
        {deedsOf(those).map((deed) => (
          <DeedLine key={deed[0].id} deed={deed} view={view} cut={deed.some((event) => ends.includes(event))} />
        ))}
      </ol>
    </section>
  ));
}

/** byDay groups what is in order of time already. */
function byDay(events: AuditEvent[]): [string, AuditEvent[]][] {
  const days = new Map<string, AuditEvent[]>();
  for (const event of events) days.set(dayOf(event.occurredAt), [...(days.get(dayOf(event.occurredAt)) ?? []), event]);
  return [...days];
}

/** DeedLine counts what this page has: where a deed is too long for it, such as a large import, it says so. */
function DeedLine({ deed, view, cut }: { deed: Deed; view: View; cut: boolean }) {
  if (deed.length === 1 && !cut) return <EventLine event={deed[0]} view={view} />;
  return (
    <Line
      event={sumOf(deed)}
      more={`${deed.length} events`}
      note={cut ? 'More of it may stand on the page before or after this one; only what is here is counted.' : undefined}
    >
      {() => (
        <ol className={classes.list}>
          {deed.map((event) => (
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
