/** One switch that stands differently in the two selections. */
import { Radio, Table } from '@mantine/core';
import { useId } from 'react';
import { position } from './ChangeList';
import classes from './Conflict.module.css';
import type { Difference } from './draft';

export type Side = 'theirs' | 'mine';

interface Props {
  row: Difference;
  side: Side | undefined;
  choose: (side: Side) => void;
}

export function ConflictRow({ row, side, choose }: Props) {
  const group = useId();
  const { item, theirs, mine, movedBy } = row;
  const cell = (which: Side, on: boolean, changed: boolean) => (
    <Table.Td>
      <Radio
        name={group}
        checked={side === which}
        onChange={() => choose(which)}
        label={position(on)}
        description={changed ? 'changed' : 'unchanged'}
        aria-label={`${item.name}, ${which}: ${position(on)}`}
      />
    </Table.Td>
  );
  return (
    <Table.Tr>
      <Table.Th scope="row" className={classes.item}>
        {item.name}
      </Table.Th>
      {cell('theirs', theirs, movedBy === 'them')}
      {cell('mine', mine, movedBy === 'me')}
    </Table.Tr>
  );
}
