/** The filters that may stand in the address, the order, and the search in personal data. On a narrow screen they open at a button. */
import { Button, Paper, Stack } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconFilter } from '@tabler/icons-react';
import { Choices } from './Choices';
import classes from './FilterBar.module.css';
import { SearchForm } from './SearchForm';
import type { Viewing } from './useView';

interface Props {
  viewing: Viewing;
  keys: string[];
  /** Whether they open at a button on a wide screen, too. */
  folded: boolean;
}

export function FilterBar({ viewing, keys, folded }: Props) {
  const [opened, { toggle }] = useDisclosure();
  const { view, search, show, find } = viewing;
  return (
    <div className={folded ? classes.folded : classes.bar}>
      <Button
        className={classes.toggle}
        variant="default"
        leftSection={<IconFilter size={16} aria-hidden />}
        aria-expanded={opened}
        aria-controls="filters"
        onClick={toggle}
      >
        {opened ? 'Hide the filters' : 'Filters'}
      </Button>
      <Paper withBorder p="sm" radius="md" id="filters" className={opened ? undefined : classes.closed} role="search" aria-label="Filters">
        <Stack gap="sm">
          <Choices view={view} onShow={show} />
          <SearchForm search={search} keys={keys} onFind={find} />
        </Stack>
      </Paper>
    </div>
  );
}
