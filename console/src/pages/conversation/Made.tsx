/** The texts that were made from a segment: summaries, translations, diarized transcripts. */
import { Paper, Title } from '@mantine/core';
import type { MessageKind } from '../../api/generated/graphql';
import { LongText } from './LongText';
import { Pages } from './Pages';
import type { Messages } from './useMessages';
import classes from './texts.module.css';
import { MESSAGE } from '../../ui/labels';

/** In the order in which they stand on the page. */
export const MADE: MessageKind[] = ['SUMMARY', 'TRANSLATION', 'DIARIZED'];

export function Made({ messages }: { messages: Messages }) {
  const shown = MADE.flatMap((kind) => messages.shown.filter((message) => message.kind === kind));
  return (
    <Pages messages={{ ...messages, shown }} what="texts" className={classes.made}>
      {({ kind, text, isAnonymized }, at) => (
        <Paper key={at} component="li" p="sm" withBorder>
          <Title order={3} size="h6" mb={4}>
            {MESSAGE[kind]}
          </Title>
          <LongText text={text} anonymized={isAnonymized} />
        </Paper>
      )}
    </Pages>
  );
}
