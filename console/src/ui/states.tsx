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
  forbidden: "You don't have access to this",
  invalid: "This request isn't valid",
  offline: 'This could not be loaded',
  unavailable: 'The server is temporarily unavailable',
  limited: 'Too many requests',
  timeout: 'This took too long',
  internal: 'Something went wrong',
};

/** What is said of errors whose own text is for programs. */
const SAYS: Partial<Record<ApiError['kind'], string>> = {
  unavailable: 'The database or the file store does not respond. Try again in a moment.',
  limited: 'You have reached the limit for one person. Wait a moment and try again.',
  timeout: 'The request took too long and was stopped. Choose fewer rows or a shorter period, or try again later.',
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

/** RequestId shows the id by which an operator finds the error in the server's log. */
export function RequestId({ error: { requestId } }: { error: ApiError }) {
  if (!requestId) return null;
  return (
    <Text size="sm">
      Request ID for your administrator: <Code>{requestId}</Code>
    </Text>
  );
}
