/** What came between: others changed something, the server refused, or its answer was lost. */
import { Alert, Text } from '@mantine/core';
import { ErrorState } from '../ui/states';
import type { Preview } from './operations';
import type { Anonymizing } from './useAnonymize';
import { conversations } from './words';

type Props = Pick<Anonymizing, 'phase' | 'changed'> & { preview: Preview | undefined };

export function Notices({ phase, changed, preview }: Props) {
  if (phase.at === 'doing') return null;
  return (
    <>
      {phase.at === 'unsure' && <Unsure message={phase.error.message} preview={preview} />}
      {phase.at === 'asking' && phase.refused && <ErrorState error={phase.refused} />}
      {phase.at === 'asking' && changed && preview && <Changed what={changed} version={preview.settingsVersion} />}
    </>
  );
}

function Changed({ what, version }: { what: 'settings' | 'conversations'; version: number }) {
  const settings = what === 'settings';
  return (
    <Alert color="yellow" role="alert" title={settings ? 'The settings were changed meanwhile' : 'Something changed meanwhile'}>
      <Text size="sm">
        {settings
          ? `Version ${version} of the compliance settings is in force now. Nothing was anonymized from here; below is what would happen under it.`
          : 'Somebody changed what you are about to anonymize. Below is what would happen now.'}
      </Text>
    </Alert>
  );
}

/** Unsure says no more than is known, and then what the server says of it now. */
function Unsure({ message, preview }: { message: string; preview: Preview | undefined }) {
  return (
    <Alert color="yellow" role="alert" title="It may have been done, or not">
      <Text size="sm">
        {message} It went wrong after your request was sent, and before its answer came. {preview ? facts(preview) : 'Finding out…'}
      </Text>
    </Alert>
  );
}

function facts({ unchangedCount, conversationCount }: Preview): string {
  const left = conversationCount - unchangedCount;
  if (left === 0) return `By now ${conversationCount === 1 ? 'it is' : 'all of them are'} anonymized: there is nothing left to do.`;
  if (unchangedCount === 0) return 'By now nothing has been anonymized. You can try again.';
  return `By now ${conversations(unchangedCount)} of ${conversationCount} are anonymized, ${left} not. You can try again.`;
}
