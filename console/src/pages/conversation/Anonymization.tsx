/** What was anonymized, when, and under which version of the settings. */
import { List, Text } from '@mantine/core';
import { More } from '../../ui/More';
import { TimeText } from '../../ui/TimeText';
import { Panel } from './Panel';
import type { Conversation } from './query';

type Anonymization = NonNullable<Conversation['anonymization']>;

const BASIC: [keyof Anonymization['basicData'], string][] = [
  ['participantPhoneNumber', 'Phone numbers of participants'],
  ['participantDigitalAddress', 'E-mail and IP addresses of participants'],
  ['subjectAndBody', 'Subject and body'],
  ['mediaFiles', 'Media files'],
];

export function Anonymization({ anonymizedAt, settingsVersion, basicData, metadataKeys, metadataKeyCount }: Anonymization) {
  const items = BASIC.filter(([item]) => basicData[item]).map(([, name]) => name);
  return (
    <Panel title="Anonymized">
      <Text size="sm">
        Last on <TimeText value={anonymizedAt} />, under version {settingsVersion} of the settings. Removed in this or an earlier run:
      </Text>
      <List size="sm">
        {items.map((name) => (
          <List.Item key={name}>{name}</List.Item>
        ))}
        {metadataKeys.map((key) => (
          <List.Item key={key}>Metadata {key}</List.Item>
        ))}
      </List>
      <More shown={metadataKeys.length} of={metadataKeyCount} what="metadata keys" />
    </Panel>
  );
}
