/** One tick box: what it is, what it covers, and whether it is unsaved. */
import { Badge, Checkbox, Text } from '@mantine/core';
import { position } from './ChangeList';
import classes from './Compliance.module.css';
import { coversOf, type Item } from './items';

interface Props {
  item: Item;
  /** The position that is chosen, saved or not. */
  on: boolean;
  move: (ids: ReadonlySet<string>, on: boolean) => void;
}

export function Switch({ item, on, move }: Props) {
  const changed = on !== item.on;
  return (
    <Checkbox
      className={changed ? `${classes.switch} ${classes.changed}` : classes.switch}
      classNames={{ label: classes.name, labelWrapper: classes.text, description: classes.description }}
      label={item.name}
      description={describe(item, on, changed)}
      checked={on}
      onChange={(event) => move(new Set([item.id]), event.currentTarget.checked)}
    />
  );
}

function describe(item: Item, on: boolean, changed: boolean) {
  const covers = coversOf(item);
  if (!covers && !changed && !item.isCorrelationKey) return undefined;
  return (
    <>
      {covers && <span className={classes.line}>{covers}</span>}
      {item.isCorrelationKey && <Correlation on={on} />}
      {changed && (
        <Badge component="span" color="yellow" variant="light" tt="none" className={classes.badge}>
          Unsaved: {position(item.on)} → {position(on)}
        </Badge>
      )}
    </>
  );
}

function Correlation({ on }: { on: boolean }) {
  return (
    <>
      <Badge component="span" color="orange" variant="light" tt="none" className={classes.badge}>
        Correlation key
      </Badge>
      {on && (
        <Text component="span" inherit className={classes.line}>
          Used to merge conversations. If you anonymize it, later imports can't be merged.
        </Text>
      )}
    </>
  );
}
