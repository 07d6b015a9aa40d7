/** Which version is in force, who saved it, and when. */
import { Text } from '@mantine/core';
import { TimeText } from '../../ui/TimeText';
import type { Saved } from './draft';

export function SavedLine({ saved: { version, savedAt, savedBy } }: { saved: Saved }) {
  return (
    <Text size="sm">
      Version {version} is in force,{' '}
      {savedAt ? (
        <>
          saved by {savedBy} on <TimeText value={savedAt} />.
        </>
      ) : (
        'as the system was installed. Nobody has saved it yet.'
      )}{' '}
      It decides what is removed from now on; what was removed before stays removed.
    </Text>
  );
}
