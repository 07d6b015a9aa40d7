/** What stands in the place of the table while it is on its way, as large as the table will be, so that nothing jumps. */
import { VisuallyHidden } from '@mantine/core';
import classes from './Grid.module.css';

export function Bones({ rows, columns }: { rows: number; columns: number }) {
  return (
    <div className={classes.scroll}>
      <VisuallyHidden role="status">Loading conversations…</VisuallyHidden>
      <table className={classes.table} aria-hidden>
        <thead>
          <tr>{cells(columns, 'th')}</tr>
        </thead>
        <tbody>
          {Array.from({ length: rows }, (_, at) => (
            <tr key={at} className={classes.row}>
              {cells(columns, 'td')}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const cells = (columns: number, Cell: 'th' | 'td') =>
  Array.from({ length: columns }, (_, at) => (
    <Cell key={at}>
      <span className={classes.bone} />
    </Cell>
  ));
