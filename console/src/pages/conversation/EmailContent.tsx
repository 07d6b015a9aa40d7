/** An e-mail thread: subject, and each e-mail with its sender, time and body as text. */
import { Text } from '@mantine/core';
import { IconPaperclip } from '@tabler/icons-react';
import { useState } from 'react';
import { counted } from '../../ui/format';
import { Stored } from '../../ui/Stored';
import { By } from './By';
import { splitQuote } from './fold';
import { Fold, LongText } from './LongText';
import { Pages } from './Pages';
import type { EmailSegment, Message } from './query';
import type { Messages } from './useMessages';
import classes from './texts.module.css';

export function EmailContent({ segment, turns }: { segment: EmailSegment; turns: Messages }) {
  const { subject, isSubjectAnonymized, attachmentCount, startedAt } = segment;
  return (
    <>
      <Text fw={600}>
        <Text component="span" inherit c="dimmed" fw={400}>
          Subject:
        </Text>{' '}
        {subject ? <Stored value={subject} anonymized={isSubjectAnonymized} /> : 'none'}
      </Text>
      {attachmentCount > 0 && (
        <Text size="sm">
          <IconPaperclip size={14} aria-hidden /> {counted(attachmentCount, 'attachment')}, not stored
        </Text>
      )}
      <Pages messages={turns} what="e-mails" className={classes.emails}>
        {(message, at) => (
          <li key={at} className={classes.email}>
            <By message={message} since={startedAt} sender={message.author} />
            <Body {...message} />
          </li>
        )}
      </Pages>
    </>
  );
}

function Body({ text, isAnonymized }: Message) {
  const [open, setOpen] = useState(false);
  const [own, quoted] = isAnonymized ? [text, ''] : splitQuote(text);
  return (
    <>
      <LongText text={own} anonymized={isAnonymized} />
      {quoted && <Fold open={open} toggle={() => setOpen(!open)} label={open ? 'Hide quoted text' : 'Show quoted text'} />}
      {open && <LongText text={quoted} anonymized={false} />}
    </>
  );
}
