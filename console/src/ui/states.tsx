/** What stands in place of data: while it is on its way, where there is none, and where it could not be had. */
import { Alert, Button, Center, Code, Loader, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconInbox } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ApiError } from '../api/errors';
import { inWords } from './format';

export function Loading({ label = 'Loading' }: { label?: string }) {
  return (
    <Center py="xl" role="status">
      <Loader aria-hidden size="sm" mr="sm" />
      <Text c="dimmed">{label}…</Text>
    </Center>
  );
}

/** Empty says what there is none of; children may say what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Stack align="center" gap="xs" py="xl" role="status">
      <IconInbox size={32} stroke={1.3} aria-hidden color="var(--mantine-color-dimmed)" />
      <Text fw={600}>{title}</Text>
      {children}
    </Stack>
  );
}

const TITLES: Record<ApiError['kind'], string> = {
  forbidden: 'You may not see this',
  invalid: 'The server could not answer that',
  offline: 'This could not be loaded',
  unavailable: 'The server cannot answer just now',
  limited: 'Too much was asked at once',
  timeout: 'This took too long',
  internal: 'Something went wrong',
};

/** What is said of errors whose own text is for programs. */
const SAYS: Partial<Record<ApiError['kind'], string>> = {
  unavailable: 'Its database or file store does not answer. Try again in a moment.',
  limited: 'The server limits how much it does for one person at a time. Wait a moment.',
  timeout: 'The server gave up before it was done. Ask for less, such as fewer rows or a shorter time, or try again later.',
};

/** errorText says what went wrong in a sentence. */
export const errorText = ({ kind, message }: ApiError): string => SAYS[kind] ?? inWords(message);

interface ErrorProps {
  error: ApiError;
  /** What did not happen, where it is more than that something could not be shown. */
  title?: string;
  /** Offered as a button. */
  retry?: () => void;
}

/** ErrorState says what went wrong. */
export function ErrorState({ error, title = TITLES[error.kind], retry }: ErrorProps) {
  return (
    <Alert color="red" role="alert" icon={<IconAlertTriangle aria-hidden />} title={title}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{errorText(error)}</Text>
        <RequestId error={error} />
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** RequestId tells by what an operator finds in the server's log what went wrong. */
export function RequestId({ error: { requestId } }: { error: ApiError }) {
  if (!requestId) return null;
  return (
    <Text size="sm">
      Whoever runs the server finds it in the log by the request id <Code>{requestId}</Code>.
    </Text>
  );
}
