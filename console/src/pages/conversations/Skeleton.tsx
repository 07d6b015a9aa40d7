/** What stands in the place of rows, and of the whole table, while they are on their way, as large as they will be, so that nothing jumps. */
import { VisuallyHidden } from '@mantine/core';
import classes from './Grid.module.css';

export function Skeleton({ rows, columns }: { rows: number; columns: number }) {
  return (
    <div className={classes.scroll}>
      <VisuallyHidden role="status">Loading conversations…</VisuallyHidden>
      <table className={classes.table} aria-hidden>
        <thead>
          <tr>{cells(columns, 'th')}</tr>
        </thead>
        <tbody>
          <SkeletonRows rows={rows} columns={columns} />
        </tbody>
      </table>
    </div>
  );
}

export const SkeletonRows = ({ rows, columns }: { rows: number; columns: number }) =>
  Array.from({ length: rows }, (_, at) => (
    <tr key={at} className={classes.row}>
      {cells(columns, 'td')}
    </tr>
  ));

const cells = (columns: number, Cell: 'th' | 'td') =>
  Array.from({ length: columns }, (_, at) => (
    <Cell key={at}>
      <span className={classes.skeleton} />
    </Cell>
  ));
