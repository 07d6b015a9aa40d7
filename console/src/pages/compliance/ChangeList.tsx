/** Changes of switches, by name, from what to what. */
import { List, Text } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import type { Change } from './draft';
import { SECTIONS } from './items';
import classes from './Compliance.module.css';

export const position = (on: boolean): string => (on ? 'on' : 'off');

export function ChangeList({ changes }: { changes: Change[] }) {
  return (
    <List size="sm" listStyleType="none" spacing={4}>
      {changes.map(({ item, from, to }) => (
        <List.Item key={item.id}>
          <span className={classes.name}>{item.name}</span>{' '}
          <Text component="span" inherit c="dimmed">
            ({SECTIONS[item.section]})
          </Text>{' '}
          {position(from)} <IconArrowRight size={14} className={classes.arrow} role="img" aria-label="to" /> <b>{position(to)}</b>
        </List.Item>
      ))}
    </List>
  );
}
