/** The texts that were made from a segment: summaries, translations, diarized transcripts. */
import { Paper, Title } from '@mantine/core';
import type { MessageKind } from '../../api/generated/graphql';
import { LongText } from './LongText';
import type { Message } from './query';
import { MESSAGE } from '../../ui/labels';

const MADE: MessageKind[] = ['SUMMARY', 'TRANSLATION', 'DIARIZED'];

export function Made({ messages }: { messages: Message[] }) {
  const made = MADE.flatMap((kind) => messages.filter((message) => message.kind === kind));
  return made.map(({ kind, text, isAnonymized }, at) => (
    <Paper key={at} p="sm" withBorder>
      <Title order={3} size="h6" mb={4}>
        {MESSAGE[kind]}
      </Title>
      <LongText text={text} anonymized={isAnonymized} />
    </Paper>
  ));
}
