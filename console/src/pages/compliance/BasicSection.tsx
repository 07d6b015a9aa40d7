/** Basic Data: the four tick boxes for what every conversation has. */
import { SimpleGrid } from '@mantine/core';
import classes from './Compliance.module.css';
import type { Edit } from './draft';
import type { Item } from './items';
import { SectionFrame } from './SectionFrame';
import { Switch } from './Switch';

export interface SectionProps {
  items: Item[];
  edit: Edit;
  move: (ids: ReadonlySet<string>, on: boolean) => void;
}

export function BasicSection({ items, edit, move }: SectionProps) {
  return (
    <SectionFrame name="Basic Data" description="Data that every conversation contains." items={items} edit={edit}>
      <SimpleGrid cols={{ base: 1, md: 2, xl: 4 }} spacing="sm" className={classes.basic} role="group" aria-label="Basic Data">
        {items.map((item) => (
          <Switch key={item.id} item={item} on={edit.get(item.id) ?? item.on} move={move} />
        ))}
      </SimpleGrid>
    </SectionFrame>
  );
}
