/** One metadata key: what it is used for, and the switches to change that. */
import { Badge, Switch, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { inWords } from '../../ui/format';
import { TimeText } from '../../ui/TimeText';
import classes from './MetadataKeys.module.css';
import type { MetadataKey } from './operations';
import type { Configure, Refusal } from './useConfigure';

export interface RowProps {
  metadataKey: MetadataKey;
  /** Whether it is switched on in the compliance settings; undefined if the viewer may not know it. */
  isAnonymized: boolean | undefined;
  busy: boolean;
  /** Missing where one may not change anything. */
  configure: Configure | undefined;
  /** Asks before a key joins conversations. */
  join: (key: string) => void;
}

export function KeyRow({
  metadataKey: { key, isFilterKey, isCorrelationKey, firstSeenAt },
  isAnonymized,
  busy,
  configure,
  join,
}: RowProps) {
  const [problem, setProblem] = useState<Refusal>();
  const set = async (what: { isFilterKey: boolean } | { isCorrelationKey: boolean }) => setProblem(await configure?.({ key, ...what }));
  const shared = { name: key, busy, readOnly: !configure };
  return (
    <Table.Tr>
      <Table.Th scope="row" className={classes.key}>
        {key}
        <Text size="xs" c="dimmed" hiddenFrom="sm" fw={400}>
          {isAnonymized && 'Anonymized. '}First seen <TimeText value={firstSeenAt} dateOnly />
        </Text>
        {problem && (
          <Text size="sm" role="alert" className={classes.problem}>
            {problem.title}. {inWords(problem.message)}
          </Text>
        )}
      </Table.Th>
      <Table.Td>
        <Use {...shared} use="filter" on={isFilterKey} set={(on) => set({ isFilterKey: on })} />
      </Table.Td>
      <Table.Td>
        <Use {...shared} use="correlation key" on={isCorrelationKey} set={(on) => (on ? join(key) : set({ isCorrelationKey: false }))} />
      </Table.Td>
      {isAnonymized !== undefined && <Table.Td visibleFrom="sm">{isAnonymized ? <On /> : 'no'}</Table.Td>}
      <Table.Td visibleFrom="sm" className={classes.time}>
        <TimeText value={firstSeenAt} />
      </Table.Td>
    </Table.Tr>
  );
}

function On() {
  return (
    <Badge variant="light" tt="none">
      yes
    </Badge>
  );
}

interface UseProps {
  name: string;
  use: string;
  on: boolean;
  busy: boolean;
  readOnly: boolean;
  set: (on: boolean) => unknown;
}

/** Use does nothing while an earlier change is under way; it keeps the focus meanwhile. */
function Use({ name, use, on, busy, readOnly, set }: UseProps) {
  if (readOnly) return on ? 'yes' : 'no';
  return (
    <Switch aria-label={`${name}: ${use}`} checked={on} aria-busy={busy} onChange={(event) => !busy && set(event.currentTarget.checked)} />
  );
}
