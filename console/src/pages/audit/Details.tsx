/** All that an event holds, to be unfolded, and what narrows the log to its like. */
import { Button, Code, Group } from '@mantine/core';
import { Fragment, type ReactNode } from 'react';
import { labelOf, resultLabel } from './activities';
import classes from './Details.module.css';
import type { AuditEvent } from './events';
import { OPERATIONS } from './operations';
import { fullTime } from '../../ui/format';
import type { View } from './useAuditView';
import { amount, inOrder } from './words';

export function Details({ event, view }: { event: AuditEvent; view: View }) {
  return (
    <>
      <dl className={classes.rows}>
        {rowsOf(event).map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
      </dl>
      <Narrow event={event} view={view} />
    </>
  );
}

function Narrow({ event: { user, about }, view }: { event: AuditEvent; view: View }) {
  return (
    <Group gap="xs" pb="xs">
      {user.userId !== null && user.userId !== view.user?.userId && (
        <Button size="compact-xs" variant="default" onClick={() => view.pickUser(user)}>
          Only what this user did
        </Button>
      )}
      {about.conversation && about.conversation !== view.filter.conversation && (
        <Button size="compact-xs" variant="default" onClick={() => view.change({ conversation: about.conversation ?? null })}>
          Only this conversation
        </Button>
      )}
    </Group>
  );
}

const onOff = (value: boolean) => (value ? 'on' : 'off');

/** rowsOf leaves out what does not apply. */
function rowsOf({ id, occurredAt, user, activity, result, settingsVersion, about }: AuditEvent): [string, ReactNode][] {
  const role = about.operation ? OPERATIONS[about.operation]?.role : undefined;
  const rows: [string, ReactNode][] = [
    ['Time', `${fullTime(occurredAt)}; ${occurredAt}`],
    [
      'User',
      user.userId ? (
        <>
          {user.name} <Code>{user.userId}</Code>
        </>
      ) : (
        user.name
      ),
    ],
    [
      'Activity',
      <>
        {labelOf(activity)} <Code>{activity}</Code>
      </>,
    ],
    [
      'Result',
      <>
        {resultLabel(result)} <Code>{result}</Code>
      </>,
    ],
    ['Settings version', settingsVersion],
    ['Conversation', about.conversation && <Code>{about.conversation}</Code>],
    ['Item', about.item && <Code>{about.item}</Code>],
    ['Before', about.oldValue != null && onOff(about.oldValue)],
    ['Afterwards', about.newValue != null && onOff(about.newValue)],
    [
      'Counted',
      inOrder(about.counts)
        .map(({ name, count }) => amount(count, name))
        .join(', '),
    ],
    ['Media files', about.mediaFiles.length > 0 && about.mediaFiles.map((file) => <Code key={file}>{file} </Code>)],
    ['Operation', about.operation && <Code>{about.operation}</Code>],
    ['Role needed', role && <Code>{role}</Code>],
    ['Reason', about.reason],
    ['Protected until', about.protectedUntil && fullTime(about.protectedUntil)],
    ['Event', <Code>{id}</Code>],
  ];
  return rows.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== '');
}
