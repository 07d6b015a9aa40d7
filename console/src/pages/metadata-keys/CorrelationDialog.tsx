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
  /** Whether its values are anonymized; undefined where that is not told, and then the API says it. */
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
      confirmLabel={guarded ? 'Make it one all the same' : 'Make it a correlation key'}
      danger={guarded}
      ready={!guarded || understood}
      busy={busy}
      onConfirm={confirm}
      onClose={close}
    >
      <List size="sm" spacing="xs" className={classes.key}>
        <List.Item>
          From now on a conversation that is imported joins those that have the same value of this key. They become one.
        </List.Item>
        <List.Item>What is stored already stays as it is. What was joined is not taken apart again if you change this back.</List.Item>
        <List.Item>Who may see one of them sees all of what was joined.</List.Item>
        <List.Item>Where one of them was anonymized, the same is removed from all of what was joined, for good.</List.Item>
        <List.Item>
          Values that were removed match nothing, so the key should not be anonymized: the compliance page warns of that.
        </List.Item>
      </List>
      {isAnonymized && !guarded && <Text size="sm">It is switched on in the compliance settings now.</Text>}
      {refusal && (
        <Alert color="orange" role="alert" icon={<IconAlertTriangle aria-hidden />} title={refusal.title} className={classes.key}>
          {inWords(refusal.message)}
        </Alert>
      )}
      {guarded && (
        <Checkbox
          label="I understand that removed values of this key join nothing"
          checked={understood}
          onChange={(event) => setUnderstood(event.currentTarget.checked)}
        />
      )}
    </ConfirmDialog>
  );
}
