/** The table of conversations; on a narrow screen each row is a card. Roles are said outright, since cards would have none otherwise. */
/* eslint-disable jsx-a11y/no-redundant-roles */
import { VisuallyHidden } from '@mantine/core';
import { useMemo, type RefObject } from 'react';
import { SkeletonRows } from './Skeleton';
import { ConversationRow } from './ConversationRow';
import compact from './Compact.module.css';
import classes from './Grid.module.css';
import type { Row } from './listing';
import type { Selection } from './selection';
import { SortHeader } from './SortHeader';
import type { Beside } from './useBeside';
import { useGrid } from './useGrid';
import { useInView } from './useInView';
import type { OrderName } from './view';

interface Props {
  /** What the rows answer. */
  question: string;
  /** Undefined while they are on their way; the head stays, and with it the focus. */
  rows: Row[] | undefined;
  /** How many are to come. */
  size: number;
  keys: string[];
  /** The rows are on their way to being replaced. */
  busy: boolean;
  selection: Selection;
  onSelect: ((selection: Selection) => void) | undefined;
  order: OrderName;
  onOrder: (order: OrderName) => void;
  detail: Beside;
  ref: RefObject<HTMLTableElement | null>;
}

const NONE: Row[] = [];

export function Grid({ question, rows: found, size, keys, busy, selection, onSelect, order, onOrder, detail, ref }: Props) {
  const rows = found ?? NONE;
  useInView(ref, question, detail.id, rows.length > 0);
  const page = useMemo(() => rows.map(({ id }) => id), [rows]);
  const { active, all, toggleAll, handlers } = useGrid({ page, selection, onSelect, detail });
  return (
    <div className={detail.id === null ? classes.scroll : compact.list}>
      {found === undefined && <VisuallyHidden role="status">Loading conversations…</VisuallyHidden>}
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
                <input
                  type="checkbox"
                  checked={all}
                  disabled={page.length === 0}
                  onChange={toggleAll}
                  aria-label="Select all on this page"
                />
              </th>
            )}
            <Header>Type</Header>
            <SortHeader label="Started" orders={['newest', 'oldest']} order={order} onOrder={onOrder} />
            <SortHeader label="Duration" orders={['longest', 'shortest']} order={order} onOrder={onOrder} />
            <Header>Participants</Header>
            <Header>Reviewable</Header>
            <Header>Media</Header>
            {keys.map((key) => (
              <Header key={key}>{key}</Header>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" aria-hidden={found === undefined || undefined}>
          {found === undefined && <SkeletonRows rows={size} columns={keys.length + (onSelect ? 7 : 6)} />}
          {rows.map((row) => (
            <ConversationRow
              key={row.id}
              row={row}
              keys={keys}
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
