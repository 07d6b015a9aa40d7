/** What came between: others changed something, the server refused, or its answer was lost. */
import { Alert, Text } from '@mantine/core';
import type { ApiError } from '../api/errors';
import { ErrorState, errorText, RequestId } from '../ui/states';
import type { Preview } from './operations';
import type { Anonymizing } from './useAnonymize';
import { conversations } from './words';

type Props = Pick<Anonymizing, 'phase' | 'changed'> & { preview: Preview | undefined };

export function Notices({ phase, changed, preview }: Props) {
  if (phase.at === 'doing') return null;
  return (
    <>
      {phase.at === 'unsure' && <Unsure error={phase.error} preview={preview} />}
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

/**
 * Unsure says no more than is known, and then what the server says of it now. A server that answered with an error has either undone all of the
 * request, which is one transaction, or failed after it, while it put its answer together; a connection that broke tells nothing.
 */
function Unsure({ error, preview }: { error: ApiError; preview: Preview | undefined }) {
  const lost = error.kind === 'offline';
  const title = lost ? 'It may have been done, or not' : 'The server answered with an error';
  const why = lost
    ? 'It went wrong after your request was sent, and before its answer came.'
    : 'A request is done as a whole or not at all; the server can fail before that, or after it.';
  return (
    <Alert color="yellow" role="alert" title={title}>
      <Text size="sm">
        {errorText(error)} {why} {preview ? facts(preview) : lost ? 'What became of it shows as soon as the server answers again.' : ''}
      </Text>
      <RequestId error={error} />
    </Alert>
  );
}

function facts({ unchangedCount, conversationCount }: Preview): string {
  const left = conversationCount - unchangedCount;
  if (left === 0) return `By now ${conversationCount === 1 ? 'it is' : 'all of them are'} anonymized: there is nothing left to do.`;
  if (unchangedCount === 0) return 'By now nothing has been anonymized. You can try again.';
  return `By now ${conversations(unchangedCount)} of ${conversationCount} are anonymized, ${left} not. You can try again.`;
}
