/** What stands at the foot of the page: how much is unsaved and whether it is kept, the changes by name, Save and Reset. */
import { Anchor, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { useState, type ReactNode, type Ref } from 'react';
import { mayBeDone, type ApiError } from '../../api/errors';
import { ErrorState, errorText } from '../../ui/states';
import { ChangeList } from './ChangeList';
import classes from './Compliance.module.css';
import { changesOf, inConflict, shownItems, type Change } from './draft';
import { KeptText } from './KeptText';
import { ResetDialog } from './ResetDialog';
import { counted } from '../../ui/format';
import type { Editing } from './useEditor';

interface Props {
  editing: Editing;
  saveButton: Ref<HTMLButtonElement>;
}

export function SaveBar({ editing, saveButton }: Props) {
  const [open, setOpen] = useState(false);
  const [resetting, setResetting] = useState(false);
  const { draft, attempt, saving } = editing;
  const changes = changesOf(shownItems(draft), draft.edit);
  const undecided = inConflict(draft);
  const some = changes.length > 0;
  const ready = some && !undecided && !saving;
  return (
    <Paper
      component="section"
      aria-label="Unsaved changes"
      withBorder
      shadow="sm"
      p="sm"
      className={classes.bar}
      data-at-hand={(some && !undecided) || undefined}
    >
      <Stack gap="xs">
        {attempt.is === 'failed' && <NotSaved error={attempt.problem} />}
        {open && some && <Changes changes={changes} />}
        <Group justify="space-between" gap="xs">
          <Status editing={editing} count={changes.length} undecided={undecided}>
            {some && (
              <Anchor component="button" type="button" inherit={false} size="sm" aria-expanded={open} onClick={() => setOpen(!open)}>
                {open ? 'Hide changes' : 'Show changes'}
              </Anchor>
            )}
          </Status>
          <Group gap="xs">
            <Button variant="default" {...idle(!some)} onClick={() => some && setResetting(true)}>
              Reset
            </Button>
            {/* It stays in the order of the keyboard while it cannot be used, so that the focus is not lost with the press. */}
            <Button ref={saveButton} {...idle(!ready)} onClick={() => ready && editing.save()}>
              {saving ? 'Saving…' : some ? `Save ${counted(changes.length, 'change')}` : 'Save'}
            </Button>
          </Group>
        </Group>
      </Stack>
      <ResetDialog opened={resetting} count={changes.length} editing={editing} close={() => setResetting(false)} />
    </Paper>
  );
}

const idle = (is: boolean) => (is ? { 'data-disabled': true, 'aria-disabled': true } : {});

function Changes({ changes }: { changes: Change[] }) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and the keyboard has to get there
    <div className={classes.changes} tabIndex={0} role="region" aria-label="List of unsaved changes">
      <ChangeList changes={changes} />
    </div>
  );
}

/** NotSaved is careful where the answer is not known: the server may have saved before that. Saving again then shows it, and does no harm. */
function NotSaved({ error }: { error: ApiError }) {
  if (!mayBeDone(error)) return <ErrorState title="The settings were not saved" error={error} />;
  return (
    <ErrorState
      title="The save was not confirmed"
      error={{
        ...error,
        kind: 'offline',
        message: `${errorText(error)} Your changes are kept here. Save again when the server can be reached.`,
      }}
    />
  );
}

interface StatusProps {
  editing: Editing;
  count: number;
  undecided: boolean;
  children: ReactNode;
}

function Status({ editing: { attempt, keeping, keep }, count, undecided, children }: StatusProps) {
  return (
    <div className={classes.status}>
      <Text size="sm" fw={600} component="span" aria-live="polite">
        {count > 0
          ? counted(count, 'unsaved change')
          : attempt.is === 'saved'
            ? `Saved as version ${attempt.version}`
            : 'No unsaved changes'}
      </Text>{' '}
      {children}
      {undecided && <Text size="sm">Resolve the conflict above first.</Text>}
      {count > 0 && <KeptText keeping={keeping} tryAgain={keep} />}
    </div>
  );
}
