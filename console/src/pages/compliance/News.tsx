/** Tells that somebody else has saved, where nothing of one's own was touched by it. */
import { Alert } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { ChangeList } from './ChangeList';
import type { Draft } from './draft';

export function News({ news: { saved, changes }, dismiss }: { news: NonNullable<Draft['news']>; dismiss: () => void }) {
  return (
    <Alert
      color="blue"
      role="alert"
      icon={<IconInfoCircle aria-hidden />}
      title={`${saved.savedBy} saved version ${saved.version}, shown here`}
      withCloseButton
      closeButtonLabel="Dismiss"
      onClose={dismiss}
    >
      {changes.length > 0 ? <ChangeList changes={changes} /> : 'No setting changed.'}
    </Alert>
  );
}
