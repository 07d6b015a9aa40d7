/** Custom Data and Other Data: a tick box for each metadata key, with a search where there are many. */
import { Button, Group, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import type { SectionProps } from './BasicSection';
import classes from './Compliance.module.css';
import type { Item } from './items';
import { SectionFrame } from './SectionFrame';
import { Switch } from './Switch';

/** From how many keys on a search is of use. */
const LONG = 6;
const AT_ONCE = 120;

interface Props extends SectionProps {
  name: string;
  /** What to say where there is no key. */
  none: string;
  children: ReactNode;
}

export function KeySection({ name, none, children, items, edit, move }: Props) {
  const [search, setSearch] = useState('');
  const [limit, setLimit] = useState(AT_ONCE);
  const found = items.filter((item) => item.name.toLowerCase().includes(search.trim().toLowerCase()));
  const shown = found.slice(0, limit);
  return (
    <SectionFrame name={name} description={children} items={items} edit={edit}>
      {items.length === 0 && <Text size="sm">{none}</Text>}
      {items.length > 0 && (
        <Group gap="xs">
          {items.length > LONG && <Search name={name} value={search} change={setSearch} />}
          <SelectShown
            name={name}
            shown={shown}
            part={shown.length < items.length}
            isOn={(item) => edit.get(item.id) ?? item.on}
            move={move}
          />
          <Text size="sm" c="dimmed" aria-live="polite">
            {search.trim() && `${found.length} of ${items.length} keys found`}
          </Text>
        </Group>
      )}
      <div className={classes.keys} role="group" aria-label={name}>
        {shown.map((item) => (
          <Switch key={item.id} item={item} on={edit.get(item.id) ?? item.on} move={move} />
        ))}
      </div>
      {shown.length < found.length && (
        <Button variant="default" onClick={() => setLimit(limit + AT_ONCE)}>
          Show {Math.min(AT_ONCE, found.length - shown.length)} more of {found.length}
        </Button>
      )}
    </SectionFrame>
  );
}

function Search({ name, value, change }: { name: string; value: string; change: (value: string) => void }) {
  return (
    <TextInput
      type="search"
      className={classes.search}
      aria-label={`Search in ${name}`}
      placeholder="Search keys"
      leftSection={<IconSearch size={16} aria-hidden />}
      value={value}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}

interface SelectProps {
  name: string;
  shown: Item[];
  /** Whether there are more than are shown. */
  part: boolean;
  isOn: (item: Item) => boolean;
  move: SectionProps['move'];
}

/** SelectShown leaves correlation keys out where it switches on: each of them is to be meant. */
function SelectShown({ name, shown, part, isOn, move }: SelectProps) {
  const off = shown.filter((item) => !isOn(item) && !item.isCorrelationKey);
  const on = shown.filter(isOn);
  const which = part ? ' shown' : '';
  const left = shown.some((item) => item.isCorrelationKey && !isOn(item));
  const ids = (items: Item[]) => new Set(items.map(({ id }) => id));
  return (
    <>
      <Button variant="default" size="sm" disabled={off.length === 0} onClick={() => move(ids(off), true)}>
        Select all{which}
        <span className={classes.hidden}> in {name}</span>
      </Button>
      <Button variant="default" size="sm" disabled={on.length === 0} onClick={() => move(ids(on), false)}>
        Select none{which}
        <span className={classes.hidden}> in {name}</span>
      </Button>
      {left && (
        <Text size="sm" c="dimmed">
          “Select all” skips correlation keys.
        </Text>
      )}
    </>
  );
}
