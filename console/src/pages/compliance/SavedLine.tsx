/** Which version is in force, who saved it, and when. */
import { Text } from '@mantine/core';
import { TimeText } from '../../ui/TimeText';
import type { Saved } from './draft';

export function SavedLine({ saved: { version, savedAt, savedBy } }: { saved: Saved }) {
  return (
    <Text size="sm">
      {savedAt ? (
        <>
          Version {version} applies, saved by {savedBy} on <TimeText value={savedAt} />.
        </>
      ) : (
        `Version ${version} (default settings) applies.`
      )}{' '}
      Changes affect future anonymizations only.
    </Text>
  );
}
