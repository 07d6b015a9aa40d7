/** What anonymizing would do, as a list of facts. */
import { Alert, Code, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './Anonymize.module.css';
import { Each } from './Each';
import type { Preview } from './operations';
import { conversations, deleted, overwritten, overwrittenKeys, review, stays } from './words';

export function Facts({ preview }: { preview: Preview }) {
  const { effect, unchangedCount, conversationCount, settingsVersion } = preview;
  const keys = overwrittenKeys(effect).map(({ key, values }) => (
    <>
      <Code>{key}</Code>: {values}
    </>
  ));
  return (
    <>
      {unchangedCount < conversationCount && <Irreversible />}
      <dl className={classes.facts}>
        <Fact term="Overwritten" lines={[...overwritten(effect), ...keys]} none="No stored values" />
        <Fact term="Deleted" lines={deleted(effect)} none="No recordings" />
        <Fact term="Kept" lines={stays(effect)} />
        <Fact term="Review" lines={review(preview)} />
        <Fact term="Unchanged" lines={unchangedCount ? [unchangedLine(unchangedCount, conversationCount)] : []} />
        <Fact term="Settings" lines={[`Version ${settingsVersion} defines what is personal data`]} />
      </dl>
      <Each rows={preview.conversations} />
    </>
  );
}

function Irreversible() {
  return (
    <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title="This cannot be undone">
      <Text size="sm">Nobody, including us, can restore what is overwritten or deleted.</Text>
    </Alert>
  );
}

function unchangedLine(unchanged: number, all: number): string {
  const already = 'already anonymized under these settings';
  if (unchanged < all) return `${conversations(unchanged)}: ${already}`;
  return all === 1 ? 'Already anonymized under these settings' : `All conversations are ${already}`;
}

/** Fact is left out where there is nothing to say, unless that itself is worth saying. */
function Fact({ term, lines, none }: { term: string; lines: ReactNode[]; none?: string }) {
  const said = lines.length > 0 ? lines : none ? [none] : [];
  if (said.length === 0) return null;
  return (
    <>
      <dt>{term}</dt>
      <dd>
        <ul className={classes.list}>
          {said.map((line, at) => (
            <li key={at}>{line}</li>
          ))}
        </ul>
      </dd>
    </>
  );
}
