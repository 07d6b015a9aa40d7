/** One row. It is drawn anew only when something of it changed: moving through a hundred rows draws two of them. */
import { Anchor } from '@mantine/core';
import { memo } from 'react';
import { Link } from 'react-router';
import { dateAndTime } from '../../ui/format';
import { address } from '../conversation/address';
import { Began, Duration, Media, Metadata, Participants, Reviewable, Types } from './cells';
import classes from './Grid.module.css';
import type { Row } from './listing';

interface Props {
  row: Row;
  keys: string[];
  /** Its detail stands beside the table. */
  open: boolean;
  /** Whether the keyboard is at this row. */
  active: boolean;
  /** Undefined where there is nothing to select for. */
  selected: boolean | undefined;
}

export const ConversationRow = memo(function ConversationRow({ row, keys, open, active, selected }: Props) {
  const when = dateAndTime(row.startedAt);
  return (
    <tr
      role="row"
      className={classes.row}
      data-id={row.id}
      aria-selected={selected}
      aria-current={open || undefined}
      tabIndex={active ? 0 : -1}
    >
      {selected !== undefined && (
        <td role="gridcell" className={classes.pick}>
          <input type="checkbox" checked={selected} readOnly tabIndex={-1} aria-label={`Select the conversation of ${when}`} />
        </td>
      )}
      <td role="gridcell" data-label="Type">
        <Types types={row.types} />
      </td>
      <td role="gridcell" data-label="Began" className={classes.began}>
        <Anchor component={Link} to={address(row.id)} tabIndex={-1}>
          <Began startedAt={row.startedAt} />
        </Anchor>
      </td>
      <td role="gridcell" data-label="Duration" className={classes.duration}>
        <Duration seconds={row.durationSeconds} />
      </td>
      <td role="gridcell" data-label="Participants" className={classes.participants}>
        <Participants {...row} />
      </td>
      <td role="gridcell" data-label="Reviewable">
        <Reviewable {...row} />
      </td>
      <td role="gridcell" data-label="Media" className={classes.media}>
        <Media {...row} />
      </td>
      {keys.map((key) => (
        <td key={key} role="gridcell" data-label={key} className={classes.value}>
          <Metadata metadata={row.metadata} name={key} />
        </td>
      ))}
    </tr>
  );
});
