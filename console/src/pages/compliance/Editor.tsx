/** The settings with what is unsaved, and everything that can be done about it. */
import { Alert, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useRef } from 'react';
import { BasicSection } from './BasicSection';
import type { History } from './begin';
import { Conflict } from './Conflict';
import { CorrelationDialog } from './CorrelationDialog';
import { changesOf, inConflict, shownItems } from './draft';
import { KeySection } from './KeySection';
import { LeaveDialog } from './LeaveDialog';
import { News } from './News';
import type { Settings } from './operations';
import { SaveBar } from './SaveBar';
import { SavedLine } from './SavedLine';
import { useEditor } from './useEditor';

export function Editor({ settings, history }: { settings: Settings; history: History | undefined }) {
  const editing = useEditor(settings, history);
  const saveButton = useRef<HTMLButtonElement>(null);
  const { draft, attempt, move, settle, save } = editing;
  const items = shownItems(draft);
  const of = (section: 'basic' | 'custom' | 'other') => ({
    items: items.filter((item) => item.section === section),
    edit: draft.edit,
    move,
  });
  const settleAndGoOn = (mine: ReadonlySet<string>) => {
    settle(mine);
    saveButton.current?.focus();
  };
  return (
    <Stack gap="md">
      <SavedLine saved={draft.current} />
      {inConflict(draft) && <Conflict key={draft.current.version} draft={draft} asked={attempt.is === 'conflict'} settle={settleAndGoOn} />}
      {draft.news && <News news={draft.news} dismiss={editing.dismissNews} />}
      {items.every(({ id, on }) => !(draft.edit.get(id) ?? on)) && <NothingOn saved={changesOf(items, draft.edit).length === 0} />}
      <BasicSection {...of('basic')} />
      <KeySection {...of('custom')} name="Custom Data" none="No metadata key is used as a filter.">
        Metadata keys that are filters in the Conversation Explorer. The value is removed; the key is kept.
      </KeySection>
      <KeySection {...of('other')} name="Other Data" none="There are no other metadata keys yet.">
        All other metadata keys. The value is removed; the key is kept. New keys appear here and are off by default.
      </KeySection>
      <SaveBar editing={editing} saveButton={saveButton} />
      {attempt.is === 'correlation' && (
        <CorrelationDialog messages={attempt.messages} busy={editing.saving} save={() => save(true)} close={editing.forgetAttempt} />
      )}
      <LeaveDialog keep={editing.keep} unkept={editing.keeping.status !== 'kept'} />
    </Stack>
  );
}

function NothingOn({ saved }: { saved: boolean }) {
  return (
    <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} title="Everything is off">
      <Text size="sm">
        {saved
          ? 'Nothing can be anonymized until you turn on an item and save.'
          : 'If you save this, nothing can be anonymized until an item is turned on again.'}
      </Text>
    </Alert>
  );
}
