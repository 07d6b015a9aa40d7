/** The dialog before it is done: what would happen, what stands in the way, and the confirmation. */
import { Button, Group, Stack } from '@mantine/core';
import { ErrorState, Loading } from '../ui/states';
import { Confirm } from './Confirm';
import { Facts } from './Facts';
import { Notices } from './Notices';
import type { Preview } from './operations';
import { Problems } from './Problems';
import type { Anonymizing } from './useAnonymize';

interface Props extends Anonymizing {
  onConfirm: () => Promise<void>;
  onClose: () => void;
}

export function Asking(props: Props) {
  const { query, preview, phase, onClose } = props;
  if (preview) return <Decision {...props} preview={preview} />;
  const unsure = phase.at === 'unsure';
  const retry = query.error?.kind === 'forbidden' || query.error?.kind === 'invalid' ? undefined : query.refetch;
  return (
    <Stack>
      {unsure && <Notices {...props} preview={undefined} />}
      {query.error ? (
        <ErrorState error={query.error} retry={retry} />
      ) : (
        <Loading label={unsure ? 'Checking what was anonymized' : 'Calculating the effect'} />
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {unsure ? 'Close' : 'Cancel'}
        </Button>
      </Group>
    </Stack>
  );
}

function Decision({ preview, ...props }: Props & { preview: Preview }) {
  const { ids, phase, leaveOut, query, onConfirm, onClose } = props;
  return (
    <Stack>
      <Notices {...props} preview={preview} />
      {query.error && <ErrorState error={query.error} retry={query.refetch} />}
      {preview.problems.length > 0 ? (
        <Problems preview={preview} ids={ids} onLeaveOut={leaveOut} onClose={onClose} />
      ) : (
        <>
          <Facts preview={preview} />
          <Confirm
            key={JSON.stringify(preview)} // what was confirmed holds for what was shown
            preview={preview}
            busy={phase.at === 'doing'}
            waiting={query.fetching && phase.at !== 'doing'}
            failed={query.error !== undefined}
            onConfirm={onConfirm}
            onClose={onClose}
          />
        </>
      )}
    </Stack>
  );
}
