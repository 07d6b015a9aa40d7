/** Somebody else has saved meanwhile: both selections side by side, for the person to decide, one by one or all at once. */
import { Alert, Button, Group, Stack, Table, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import classes from './Conflict.module.css';
import { ConflictRow, type Side } from './ConflictRow';
import { differences, type Draft } from './draft';

interface Props {
  draft: Draft;
  /** Whether an attempt to save brought it up: the focus then comes here. */
  asked: boolean;
  settle: (mine: ReadonlySet<string>) => void;
}

export function Conflict({ draft, asked, settle }: Props) {
  const [sides, setSides] = useState<ReadonlyMap<string, Side>>(new Map());
  const rows = differences(draft);
  const undecided = rows.filter(({ item }) => !sides.has(item.id)).length;
  const decide = (side: (movedBy: 'them' | 'me') => Side) => setSides(new Map(rows.map(({ item, movedBy }) => [item.id, side(movedBy)])));
  const { version, savedBy } = draft.current;
  return (
    <Alert color="orange" role="region" title={`${savedBy} saved version ${version} while you were editing`}>
      <Stack gap="sm">
        <Opening asked={asked} version={draft.base.version} />
        <Group gap="xs">
          <Button size="xs" variant="default" onClick={() => decide(() => 'theirs')}>
            Keep theirs
          </Button>
          <Button size="xs" variant="default" onClick={() => decide(() => 'mine')}>
            Keep mine
          </Button>
          <Button size="xs" variant="default" onClick={() => decide((movedBy) => (movedBy === 'them' ? 'theirs' : 'mine'))}>
            Combine
          </Button>
        </Group>
        <Table className={classes.table} horizontalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Item</Table.Th>
              <Table.Th>Theirs (saved)</Table.Th>
              <Table.Th>Mine (unsaved)</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map((row) => (
              <ConflictRow
                key={row.item.id}
                row={row}
                side={sides.get(row.item.id)}
                choose={(side) => setSides(new Map(sides).set(row.item.id, side))}
              />
            ))}
          </Table.Tbody>
        </Table>
        <Group gap="sm">
          <Button disabled={undecided > 0} onClick={() => settle(mineOf(sides))}>
            Apply
          </Button>
          <Text size="sm" aria-live="polite">
            {undecided > 0 ? `${undecided} of ${rows.length} settings left to choose.` : 'You still have to save.'}
          </Text>
        </Group>
      </Stack>
    </Alert>
  );
}

const mineOf = (sides: ReadonlyMap<string, Side>) => new Set([...sides].filter(([, side]) => side === 'mine').map(([id]) => id));

function Opening({ asked, version }: { asked: boolean; version: number }) {
  const text = useRef<HTMLParagraphElement>(null);
  useEffect(() => void (asked && text.current?.focus()), [asked]);
  return (
    <Text size="sm" ref={text} tabIndex={-1} role="alert">
      You started from version {version}. Nothing is lost. Choose which value to keep for each setting.
    </Text>
  );
}
