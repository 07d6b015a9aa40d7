/** Says that the sound and the screen of a call run together, and lets them run apart. */
import { Switch, Text } from '@mantine/core';
import { useId, useSyncExternalStore } from 'react';
import type { Stage } from './stage';

export function PlayTogether({ stage }: { stage: Stage }) {
  const company = useSyncExternalStore(stage.subscribe, stage.company);
  const id = useId();
  if (company === 'none') return null;
  return (
    <div>
      <Switch
        label="Play together"
        aria-describedby={id}
        checked={company === 'together'}
        onChange={({ currentTarget: { checked } }) => stage.setTogether(checked)}
      />
      <Text id={id} size="xs" c="dimmed" mt={4}>
        {SAYS[company]}
      </Text>
    </div>
  );
}

const SAYS = {
  together: 'Audio and screen play in sync. The screen recording starts muted.',
  apart: 'Each recording plays separately.',
};
