/** All that an event holds, to be unfolded. */
import { Code } from '@mantine/core';
import { Fragment, type ReactNode } from 'react';
import { fullTime } from '../ui/format';
import { PROTECTION } from '../ui/labels';
import { labelOf, resultLabel } from './activities';
import classes from './Details.module.css';
import type { AuditEvent } from './events';
import { REQUESTS } from './requests';
import { itemOf, reasonOf } from './words';

type Row = [name: string, value: ReactNode];

export function Details({ event, actions }: { event: AuditEvent; actions?: ReactNode }) {
  return (
    <>
      <dl className={classes.rows}>
        {[...rowsOf(event), ...ownRows(event), ['Event', <Code>{event.id}</Code>] as Row].map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
      </dl>
      {actions}
    </>
  );
}

/** rowsOf are the rows that events of every activity have; what does not apply is left out. */
function rowsOf({ occurredAt, user, activity, result, settingsVersion, conversation }: AuditEvent): Row[] {
  const rows: Row[] = [
    ['Time', `${fullTime(occurredAt)}; ${occurredAt}`],
    [
      'User',
      <>
        {user.name} {user.userId && <Code>{user.userId}</Code>}
      </>,
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
  ];
  if (settingsVersion !== null) rows.push(['Settings version', settingsVersion]);
  if (conversation) rows.push(['Conversation', <Code>{conversation.id}</Code>]);
  return rows;
}

const onOff = (value: boolean) => (value ? 'on' : 'off');
const change = (details: { isOnBefore: boolean; isOnAfter: boolean }): Row[] => [
  ['Before', onOff(details.isOnBefore)],
  ['Afterwards', onOff(details.isOnAfter)],
];

/** ownRows are those of the event's details. */
function ownRows({ details }: AuditEvent): Row[] {
  switch (details?.__typename) {
    case 'BasicDataChange':
      return [['Item', itemOf(details.item)], ...change(details)];
    case 'MetadataKeyChange':
      return [['Metadata key', <Code>{details.key}</Code>], ['Property', <Code>{details.property}</Code>], ...change(details)];
    case 'AnonymizationDetails':
      return [['Selected', [...details.items.map(itemOf), ...details.metadataKeys].join(', ')]];
    case 'ProtectionDetails':
      return [
        ['Media files', details.mediaFileCount],
        ['Reason', PROTECTION[details.reason]],
        ['Protected until', details.protectedUntil ? fullTime(details.protectedUntil) : 'indefinitely'],
      ];
    case 'MediaFilesDetails':
    case 'ReleaseDetails':
      return [['Media files', details.mediaFileCount]];
    case 'Refusal':
      return [['Reason', reasonOf(details.code)]];
    case 'AccessDenial':
      return [
        ['Operation', <Code>{details.operation}</Code>],
        ['Role needed', <Code>{REQUESTS[details.operation]?.role ?? '—'}</Code>],
        ['Reason', reasonOf(details.code)],
        ['Requests', details.count],
      ];
    case 'ImportDetails':
    case 'ExportDetails':
    case undefined:
      return [];
  }
}
