/** Asks before a key joins conversations, and a second time where its values are anonymized. */
import { Alert, Checkbox, List, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useState } from 'react';
import { ConfirmDialog } from '../../ui/ConfirmDialog';
import { inWords } from '../../ui/format';
import classes from './MetadataKeys.module.css';
import type { Configure, Refusal } from './useConfigure';

interface Props {
  name: string;
  /** Whether its values are anonymized; undefined if the viewer may not know it; the API then refuses. */
  isAnonymized: boolean | undefined;
  configure: Configure;
  busy: boolean;
  close: () => void;
}

export function CorrelationDialog({ name, isAnonymized, configure, busy, close }: Props) {
  const [refusal, setRefusal] = useState<Refusal>();
  const [understood, setUnderstood] = useState(false);
  const guarded = refusal?.isAnonymized ?? false;
  const confirm = async () => {
    const refused = await configure({ key: name, isCorrelationKey: true, allowAnonymized: guarded && understood });
    if (refused) setRefusal(refused);
    else close();
  };
  return (
    <ConfirmDialog
      opened
      title={`Make ${name} a correlation key?`}
      confirmLabel={guarded ? 'Make it a correlation key anyway' : 'Make it a correlation key'}
      danger={guarded}
      ready={!guarded || understood}
      busy={busy}
      onConfirm={confirm}
      onClose={close}
    >
      <List size="sm" spacing="xs" className={classes.key}>
        <List.Item>From now on, imported conversations are merged with those that have the same value of this key.</List.Item>
        <List.Item>Stored conversations do not change. Merged conversations stay merged if you change this back.</List.Item>
        <List.Item>Anyone with access to one of the conversations has access to the merged one.</List.Item>
        <List.Item>If one of the conversations was anonymized, the same data is permanently removed from the merged one.</List.Item>
        <List.Item>Don't anonymize this key: removed values can't be matched.</List.Item>
      </List>
      {isAnonymized && !guarded && <Text size="sm">This key is on in the compliance settings.</Text>}
      {refusal && (
        <Alert color="orange" role="alert" icon={<IconAlertTriangle aria-hidden />} title={refusal.title} className={classes.key}>
          {inWords(refusal.message)}
        </Alert>
      )}
      {guarded && (
        <Checkbox
          label="I understand that removed values of this key can't be matched"
          checked={understood}
          onChange={(event) => setUnderstood(event.currentTarget.checked)}
        />
      )}
    </ConfirmDialog>
  );
}
