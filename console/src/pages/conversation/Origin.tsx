/** The vCons that the conversation was imported as. */
import { Code, Text } from '@mantine/core';
import { Panel } from './Panel';

export function Origin({ vcons }: { vcons: string[] }) {
  return (
    <Panel title={vcons.length > 1 ? 'Merged from' : 'Imported from'}>
      {vcons.map((uuid) => (
        <Text key={uuid} size="sm">
          vCon <Code>{uuid}</Code>
        </Text>
      ))}
    </Panel>
  );
}
