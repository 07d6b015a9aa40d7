/** The metadata, with the keys marked that are filters or merge conversations. */
import { Badge, Text } from '@mantine/core';
import { graphql } from '../../api/generated';
import { useApiQuery } from '../../api/useApiQuery';
import { More } from '../../ui/More';
import { Stored } from '../../ui/Stored';
import classes from './Metadata.module.css';
import { Panel } from './Panel';
import type { Conversation } from './query';

const MARKS = graphql(`
  query MarkedMetadataKeys {
    metadataKeys(first: 10000) {
      key
      isFilterKey
      isCorrelationKey
    }
  }
`);

export function Metadata({ entries, count }: { entries: Conversation['metadata']; count: number }) {
  const { data } = useApiQuery(MARKS, { pause: entries.length === 0 });
  const marks = new Map(data?.metadataKeys.map((key) => [key.key, key]));
  return (
    <Panel title="Metadata">
      {entries.length === 0 && <Text size="sm">No metadata.</Text>}
      <dl className={classes.list}>
        {entries.map(({ key, value, isAnonymized }, at) => (
          <div key={at}>
            <dt>
              {key} {marks.get(key)?.isFilterKey && <Mark>filter</Mark>} {marks.get(key)?.isCorrelationKey && <Mark>correlation key</Mark>}
            </dt>
            <dd>
              {value === '' ? (
                <Text span inherit c="dimmed">
                  empty
                </Text>
              ) : (
                <Stored value={value} anonymized={isAnonymized} />
              )}
            </dd>
          </div>
        ))}
      </dl>
      <More shown={entries.length} of={count} what="entries" />
    </Panel>
  );
}

const Mark = ({ children }: { children: string }) => (
  <Badge size="xs" variant="default" tt="none" fw={500}>
    {children}
  </Badge>
);
