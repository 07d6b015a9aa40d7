/** The preview of each conversation. */
import { useState } from 'react';
import { TimeText } from '../ui/TimeText';
import classes from './Anonymize.module.css';
import type { Preview } from './operations';
import { outcome } from './words';

export function Each({ rows }: { rows: Preview['conversations'] }) {
  const [open, setOpen] = useState(false);
  if (rows.length < 2) return null;
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className={classes.summary}>Effect on each conversation</summary>
      {open && (
        // The list scrolls by itself, and so has to be reached by the keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <ul className={classes.each} tabIndex={0} aria-label="Effect on each conversation">
          {rows.map((row) => (
            <li key={row.conversation.id}>
              <TimeText value={row.conversation.startedAt} /> <span>{outcome(row)}</span>
            </li>
          ))}
        </ul>
      )}
    </details>
  );
}
