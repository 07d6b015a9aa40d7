/** The table of conversations; on a narrow screen each row is a card. Roles are said outright, since cards would have none otherwise. */
/* eslint-disable jsx-a11y/no-redundant-roles */
import { useMemo, type Ref } from 'react';
import { ConversationRow } from './ConversationRow';
import compact from './Compact.module.css';
import classes from './Grid.module.css';
import type { Row } from './listing';
import type { Selection } from './selection';
import { SortHeader } from './SortHeader';
import type { Beside } from './useBeside';
import { useGrid } from './useGrid';
import type { OrderName } from './view';

interface Props {
  rows: Row[];
  keys: string[];
  /** The rows are on their way to being replaced. */
  busy: boolean;
  selection: Selection;
  onSelect: ((selection: Selection) => void) | undefined;
  order: OrderName;
  onOrder: (order: OrderName) => void;
  detail: Beside;
  ref?: Ref<HTMLTableElement>;
}

export function Grid({ rows, keys, busy, selection, onSelect, order, onOrder, detail, ref }: Props) {
  const page = useMemo(() => rows.map(({ id }) => id), [rows]);
  const { active, all, toggleAll, handlers } = useGrid({ page, selection, onSelect, detail });
  return (
    <div className={detail.id === null ? classes.scroll : compact.list}>
      <table
        role="grid"
        ref={ref}
        className={classes.table}
        aria-label="Conversations"
        aria-multiselectable={onSelect ? true : undefined}
        aria-busy={busy}
        {...handlers}
      >
        <thead role="rowgroup">
          <tr role="row">
            {onSelect && (
              <th role="columnheader" scope="col" className={classes.pick}>
                <input type="checkbox" checked={all} onChange={toggleAll} aria-label="Select all on this page" />
              </th>
            )}
            <Header>Type</Header>
            <SortHeader label="Began" orders={['newest', 'oldest']} order={order} onOrder={onOrder} />
            <SortHeader label="Duration" orders={['longest', 'shortest']} order={order} onOrder={onOrder} />
            <Header>Participants</Header>
            <Header>Reviewable</Header>
            <Header>Media</Header>
            {keys.map((key) => (
              <Header key={key}>{key}</Header>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <ConversationRow
              key={row.id}
              row={row}
              keys={keys}
              address={detail.addressOf(row.id)}
              open={row.id === detail.id}
              active={row.id === active}
              selected={onSelect && selection.ids.has(row.id)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Header({ children }: { children: string }) {
  return (
    <th role="columnheader" scope="col">
      {children}
    </th>
  );
}
