/** What came between: others changed something, the server refused, or its answer was lost. */
import { Alert, Text } from '@mantine/core';
import type { ApiError } from '../api/errors';
import { ErrorState, errorText, RequestId } from '../ui/states';
import type { Preview } from './operations';
import type { Anonymizing } from './useAnonymize';
import { numeral } from '../ui/format';
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
    <Alert
      color="yellow"
      role="alert"
      title={settings ? 'Settings changed while this was open' : 'A conversation changed while this was open'}
    >
      <Text size="sm">
        {settings
          ? `Nothing has been anonymized yet. The figures below use version ${version}.`
          : 'Nothing has been anonymized yet. The figures below are up to date.'}
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
  const title = lost ? 'The result is unknown' : 'The server returned an error';
  const why = lost
    ? 'The connection was lost after your request was sent and before the answer arrived.'
    : 'The server anonymizes all of these conversations or none. It can fail before or after that.';
  return (
    <Alert color="yellow" role="alert" title={title}>
      <Text size="sm">
        {errorText(error)} {why} {preview ? facts(preview) : lost ? 'The result appears here when the server can be reached again.' : ''}
      </Text>
      <RequestId error={error} />
    </Alert>
  );
}

function facts({ unchangedCount, conversationCount }: Preview): string {
  const left = conversationCount - unchangedCount;
  if (left === 0)
    return `${conversationCount === 1 ? 'The conversation is' : 'All conversations are'} anonymized now. There is nothing left to do.`;
  if (unchangedCount === 0) return 'Nothing has been anonymized yet. You can try again.';
  return `${numeral(unchangedCount)} of ${conversations(conversationCount)} are anonymized now, ${numeral(left)} are not. You can try again.`;
}
