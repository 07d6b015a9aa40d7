/** An e-mail thread: subject, and each e-mail with its sender, time and body as text. */
import { Text } from '@mantine/core';
import { IconPaperclip } from '@tabler/icons-react';
import { useState } from 'react';
import { counted } from '../../ui/format';
import { Stored } from '../../ui/Stored';
import { By } from './By';
import { splitQuote } from './fold';
import { Folding } from './Folding';
import { Fold, LongText } from './LongText';
import type { EmailSegment, Message, Participant } from './query';
import classes from './texts.module.css';

export function EmailContent({ segment, participants }: { segment: EmailSegment; participants: Participant[] }) {
  const { subject, subjectAnonymized, attachmentCount, messages, startedAt } = segment;
  return (
    <>
      <Text fw={600}>
        <Text component="span" inherit c="dimmed" fw={400}>
          Subject:
        </Text>{' '}
        {subject ? <Stored value={subject} anonymized={subjectAnonymized} /> : 'none'}
      </Text>
      {attachmentCount > 0 && (
        <Text size="sm">
          <IconPaperclip size={14} aria-hidden /> {counted(attachmentCount, 'attachment')}, not stored
        </Text>
      )}
      <Folding items={messages.filter(({ kind }) => kind === 'EMAIL_BODY')} what="e-mails" className={classes.emails}>
        {(message, at) => (
          <li key={at} className={classes.email}>
            <By message={message} since={startedAt} participant={senderOf(message, participants)} />
            <Body {...message} />
          </li>
        )}
      </Folding>
    </>
  );
}

/** senderOf finds who wrote it; of two with the same name it cannot tell which. */
function senderOf({ author, authorRole }: Message, participants: Participant[]): Participant | undefined {
  const same = participants.filter(({ name, role }) => name === author && role === authorRole);
  return same.length === 1 ? same[0] : undefined;
}

function Body({ text, anonymized }: Message) {
  const [open, setOpen] = useState(false);
  const [own, quoted] = anonymized ? [text, ''] : splitQuote(text);
  return (
    <>
      <LongText text={own} anonymized={anonymized} />
      {quoted && <Fold open={open} toggle={() => setOpen(!open)} label={open ? 'Hide quoted text' : 'Show quoted text'} />}
      {open && <LongText text={quoted} anonymized={false} />}
    </>
  );
}
