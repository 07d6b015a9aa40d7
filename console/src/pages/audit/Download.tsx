/** Downloads every event that matches, not only the page on view. A list that is not complete is never saved. */
import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useClient } from 'urql';
import type { ApiError } from '../../api/errors';
import { counted, dateAndTime } from '../../ui/format';
import { errorText } from '../../ui/states';
import { header, row } from './csv';
import { backwards, inputOf } from './filter';
import { fileName, save } from './file';
import { readAll } from './readAll';
import type { View } from './useAuditView';

/** How far a download is. */
interface Progress {
  count: number;
  /** The time of the oldest event so far. */
  back: string | null;
}

export function Download({ view }: { view: View }) {
  const { start, cancel, close, progress, error } = useDownload(view);
  return (
    <>
      <Button variant="default" leftSection={<IconDownload size={18} aria-hidden />} disabled={backwards(view.filter)} onClick={start}>
        Download CSV
      </Button>
      <Modal
        opened={progress !== null || error !== null}
        onClose={error ? close : cancel}
        title="Download the audit log"
        closeButtonProps={{ 'aria-label': error ? 'Close' : 'Cancel the download' }}
        closeOnClickOutside={false}
      >
        {error ? <Failed error={error} again={start} close={close} /> : progress && <Running progress={progress} cancel={cancel} />}
      </Modal>
    </>
  );
}

function Running({ progress: { count, back }, cancel }: { progress: Progress; cancel: () => void }) {
  return (
    <Stack>
      <Text role="status">
        {counted(count, 'event')} read{back && `, back to ${dateAndTime(back)}`}. The file is saved when all events are read.
      </Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={cancel} data-autofocus>
          Cancel
        </Button>
      </Group>
    </Stack>
  );
}

function Failed({ error, again, close }: { error: ApiError; again: () => void; close: () => void }) {
  return (
    <Stack>
      <Alert color="red" role="alert" title="The audit log could not be read completely">
        {errorText(error)} No file was saved, because it would be incomplete.
      </Alert>
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          Close
        </Button>
        <Button onClick={again} data-autofocus>
          Try again
        </Button>
      </Group>
    </Stack>
  );
}

function useDownload({ filter, user }: View) {
  const client = useClient();
  const [progress, setProgress] = useState<Progress | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const running = useRef<AbortController>(null);
  useEffect(() => () => running.current?.abort(), []);
  const start = async () => {
    const controller = (running.current = new AbortController());
    const now = Date.now();
    const lines = [header()];
    let back: string | null = null;
    setError(null);
    setProgress({ count: 0, back });
    const input = inputOf(filter, user?.userId ?? null, now);
    const read = await readAll(client, {
      filter: input,
      signal: controller.signal,
      page: (events) => {
        lines.push(...events.map(row));
        back = events.at(-1)?.occurredAt ?? back;
        setProgress({ count: lines.length - 1, back });
      },
    });
    if (read === 'cancelled') return;
    setProgress(null);
    if (read === 'all') save(lines, fileName(filter, input.occurredFrom ?? null, back, now));
    else setError(read);
  };
  const cancel = () => {
    running.current?.abort();
    setProgress(null);
  };
  return { start, cancel, close: () => setError(null), progress, error };
}
