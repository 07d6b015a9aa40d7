/** Says how many conversations are selected, and what can be done with them. It stays in view. */
import { Button, Group, Paper, Text } from '@mantine/core';
import { IconEraser } from '@tabler/icons-react';
import classes from './SelectionBar.module.css';

/** As many as the API anonymizes at once. */
const MOST = 100;

interface Props {
  selected: number;
  /** How many of them are not on the page on view. */
  elsewhere: number;
  onClear: () => void;
  onAnonymize: () => void;
}

export function SelectionBar({ selected, elsewhere, onClear, onAnonymize }: Props) {
  return (
    <div className={classes.bar}>
      <span aria-live="polite" className={classes.live}>
        {selected > 0 ? inWords(selected, elsewhere) : ''}
      </span>
      {selected > 0 && (
        <Paper withBorder shadow="md" p="xs" px="md" role="region" aria-label="Selected conversations">
          <Group justify="space-between">
            <Text size="sm" fw={600} aria-hidden>
              {inWords(selected, elsewhere)}
            </Text>
            <Group gap="xs">
              {selected > MOST && <Text size="sm">At most {MOST} can be anonymized at once.</Text>}
              <Button size="xs" variant="default" onClick={onClear}>
                Clear selection
              </Button>
              <Button
                size="xs"
                color="red"
                leftSection={<IconEraser size={16} aria-hidden />}
                onClick={onAnonymize}
                disabled={selected > MOST}
              >
                Anonymize {selected}…
              </Button>
            </Group>
          </Group>
        </Paper>
      )}
    </div>
  );
}

function inWords(selected: number, elsewhere: number): string {
  if (elsewhere === 0) return `${selected} selected`;
  return `${selected} selected (${elsewhere < selected ? `${elsewhere} ` : ''}on other pages)`;
}
