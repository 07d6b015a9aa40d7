/** The head of a column by which the table can be ordered. */
import { UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react';
import classes from './Grid.module.css';
import type { OrderName } from './view';

interface Props {
  label: string;
  /** The orders of this column: large values first, then small ones. */
  orders: [OrderName, OrderName];
  order: OrderName;
  onOrder: (order: OrderName) => void;
}

export function SortHeader({ label, orders: [descending, ascending], order, onOrder }: Props) {
  const direction = order === descending ? 'descending' : order === ascending ? 'ascending' : undefined;
  const Arrow = direction === 'descending' ? IconArrowDown : direction === 'ascending' ? IconArrowUp : IconArrowsSort;
  return (
    <th role="columnheader" scope="col" aria-sort={direction}>
      <UnstyledButton className={classes.sort} onClick={() => onOrder(direction === 'descending' ? ascending : descending)}>
        {label}
        <Arrow size={14} aria-hidden />
      </UnstyledButton>
    </th>
  );
}
