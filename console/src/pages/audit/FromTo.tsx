/** The two ends of a period, in the viewer's zone. They count when one leaves the field or presses Enter: a date that is half typed asks nothing. */
import { Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { backwards, type Filter } from './filter';
import { fromInput, toInput, zoneName } from './times';

type End = 'from' | 'to';

export function FromTo({ filter, change }: { filter: Filter; change: (part: Partial<Filter>) => void }) {
  const wrong = backwards(filter) ? 'Choose a time after the start.' : undefined;
  return (
    <Group align="flex-start" mt="sm">
      <Instant end="from" label={`From (${zoneName()})`} filter={filter} change={change} />
      <Instant end="to" label="To (exclusive)" filter={filter} change={change} error={wrong} />
    </Group>
  );
}

interface Props {
  end: End;
  label: string;
  filter: Filter;
  change: (part: Partial<Filter>) => void;
  error?: string;
}

function Instant({ end, label, filter, change, error }: Props) {
  const stored = toInput(filter[end]);
  const [text, setText] = useState(stored);
  const [shown, setShown] = useState(stored);
  if (shown !== stored) {
    setShown(stored);
    setText(stored);
  }
  const commit = () => text !== stored && change({ [end]: fromInput(text) });
  return (
    <TextInput
      type="datetime-local"
      max="9999-12-31T23:59"
      label={label}
      value={text}
      error={error}
      autoComplete="off"
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === 'Enter' && commit()}
    />
  );
}
