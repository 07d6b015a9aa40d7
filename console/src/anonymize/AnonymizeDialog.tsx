/**
 * The dialog that anonymizes conversations: it says in numbers what will be overwritten, deleted, kept and no longer reviewable, asks for a
 * deliberate confirmation, does it once, and tells what came of it. Only holders of INTERACTION_ANONYMIZE may be offered it.
 */
import { Modal } from '@mantine/core';
import { useEffect, useState } from 'react';
import { Asking } from './Asking';
import classes from './Anonymize.module.css';
import { Done } from './Done';
import type { Result } from './result';
import { useAnonymize, type Phase } from './useAnonymize';
import { conversations } from './words';

interface Props {
  /** Global ids of 1 to 100 conversations. The dialog keeps to those that it was opened with. */
  ids: string[];
  opened: boolean;
  /** It is to be closed, whether or not something was done. */
  onClose: () => void;
  /** Conversations were anonymized, and everything that was kept of them was forgotten; the dialog still tells what came of it. */
  onDone?: () => void;
}

export function AnonymizeDialog({ ids, opened, onClose, onDone }: Props) {
  const [phase, setPhase] = useState<Phase>({ at: 'asking' });
  const busy = phase.at === 'doing';
  const shown = opened || busy; // whatever the page is about by then, what is under way is seen to its end
  const question = ids.length === 1 ? 'Anonymize this conversation?' : `Anonymize ${conversations(ids.length)}?`;
  const [asked, setAsked] = useState(question);
  if (!shown && asked !== question) setAsked(question); // clearing the selection does not change what an open dialog is about
  return (
    <Modal
      opened={shown}
      onClose={() => !busy && onClose()}
      title={phase.at === 'done' ? heading(phase.result) : asked}
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close', disabled: busy }}
      classNames={{ title: classes.title }}
    >
      <Body ids={ids} opened={opened} onClose={onClose} onDone={onDone} onPhase={setPhase} />
    </Modal>
  );
}

/** heading says what came of it, in place of the question. */
const heading = ({ done }: Result): string => (done === 0 ? 'Nothing was anonymized' : `Anonymized ${conversations(done)}`);

type BodyProps = Props & { onPhase: (phase: Phase) => void };

/**
 * Body is mounted anew each time the dialog opens, and so begins with a new preview. While the dialog closes it is still there: nothing is confirmed
 * from then on.
 */
function Body({ ids, opened, onClose, onDone, onPhase }: BodyProps) {
  const anonymizing = useAnonymize(ids, () => onDone?.());
  const { phase, anonymize } = anonymizing;
  useEffect(() => onPhase(phase), [onPhase, phase]);
  if (phase.at === 'done') return <Done result={phase.result} onClose={onClose} />;
  const confirm = async () => (opened ? anonymize() : undefined);
  return <Asking {...anonymizing} onConfirm={confirm} onClose={onClose} />;
}
