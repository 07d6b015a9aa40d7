/** The vCons that the conversation was imported as. */
import { Code, Text } from '@mantine/core';
import { More } from '../../ui/More';
import { Panel } from './Panel';

export function Origin({ vcons, count }: { vcons: string[]; count: number }) {
  return (
    <Panel title={vcons.length > 1 ? 'Merged from' : 'Imported from'}>
      {vcons.map((uuid) => (
        <Text key={uuid} size="sm">
          vCon <Code>{uuid}</Code>
        </Text>
      ))}
      <More shown={vcons.length} of={count} what="vCons" />
    </Panel>
  );
}
