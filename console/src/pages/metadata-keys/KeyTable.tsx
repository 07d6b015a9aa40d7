/** One page of keys, as a table. */
import { Table, Text } from '@mantine/core';
import { KeyRow, type RowProps } from './KeyRow';
import type { MetadataKey } from './operations';

type Props = Pick<RowProps, 'configure' | 'join'> & {
  keys: MetadataKey[];
  anonymized: ReadonlySet<string> | undefined;
  busy: ReadonlySet<string>;
};

export function KeyTable({ keys, anonymized, busy, ...row }: Props) {
  return (
    <>
      <Text size="sm">
        A <b>filter</b> appears in the Conversation Explorer and under Custom Data in the compliance settings; other keys appear under Other
        Data. A <b>correlation key</b> merges conversations with the same value when they are imported.
      </Text>
      <Table verticalSpacing={6} horizontalSpacing={6} highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Key</Table.Th>
            <Table.Th>Filter</Table.Th>
            <Table.Th>Correlation</Table.Th>
            {anonymized && <Table.Th visibleFrom="sm">Anonymized</Table.Th>}
            <Table.Th visibleFrom="sm">First seen</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {keys.map((key) => (
            <KeyRow key={key.key} metadataKey={key} isAnonymized={anonymized?.has(key.key)} busy={busy.has(key.key)} {...row} />
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}
