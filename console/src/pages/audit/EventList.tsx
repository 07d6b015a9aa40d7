/** Events, newest first, day by day, what was done together in one line. */
import { Title } from '@mantine/core';
import { deedsOf, sumOf, type Deed } from './deeds';
import { Details } from './Details';
import classes from './EventList.module.css';
import type { AuditEvent } from './events';
import { Line } from './Line';
import { dayOf } from '../../ui/format';
import type { View } from './useAuditView';

interface Props {
  events: AuditEvent[];
  view: View;
  /** Whether there are older events than these. */
  hasOlder: boolean;
}

export function EventList({ events, view, hasOlder }: Props) {
  const cut = [view.after === null ? undefined : events[0], hasOlder ? events.at(-1) : undefined];
  return byDay(events).map(([day, those]) => (
    <section key={day} aria-label={day}>
      <Title order={2} size="sm" className={classes.day}>
        {day}
      </Title>
      <ol className={classes.list}>
        {deedsOf(those).map((deed) => (
          <DeedLine key={deed[0].id} deed={deed} view={view} cut={deed.some((event) => cut.includes(event))} />
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

/** DeedLine counts no more than this page has: where a deed may go on beyond it, it says so. */
function DeedLine({ deed, view, cut }: { deed: Deed; view: View; cut: boolean }) {
  if (deed.length === 1) return <EventLine event={deed[0]} view={view} />;
  return (
    <Line
      event={sumOf(deed)}
      more={`${deed.length} events`}
      note={cut ? 'Counted is what this page shows; there may be more of it on the next or the one before.' : undefined}
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
