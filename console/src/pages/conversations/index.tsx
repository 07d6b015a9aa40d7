/** The Conversation Explorer: the list of conversations. */
import { Anchor, Table } from '@mantine/core';
import { Link } from 'react-router';
import { graphql } from '../../api/generated';
import type { ConversationsQuery } from '../../api/generated/graphql';
import { useApiQuery } from '../../api/useApiQuery';
import { Page } from '../../ui/Page';
import { QueryView } from '../../ui/QueryView';
import { Empty } from '../../ui/states';
import { Stored } from '../../ui/Stored';
import { TimeText } from '../../ui/TimeText';

const CONVERSATIONS = graphql(`
  query Conversations {
    conversations(first: 20) {
      nodes {
        id
        startedAt
        types
        participants {
          name
          phoneNumber
          phoneNumberAnonymized
        }
      }
    }
  }
`);

export default function Conversations() {
  const query = useApiQuery(CONVERSATIONS);
  return (
    <Page title="Conversations">
      <QueryView query={query} label="Loading conversations">
        {({ conversations }) => <List nodes={conversations.nodes} />}
      </QueryView>
    </Page>
  );
}

type Nodes = ConversationsQuery['conversations']['nodes'];

function List({ nodes }: { nodes: Nodes }) {
  if (nodes.length === 0) return <Empty title="There are no conversations" />;
  return (
    <Table.ScrollContainer
      minWidth={480}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'region', 'aria-label': 'Conversations' } }}
    >
      <Table highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Began</Table.Th>
            <Table.Th>Type</Table.Th>
            <Table.Th>Participants</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{nodes.map(row)}</Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function row({ id, startedAt, types, participants }: Nodes[number]) {
  return (
    <Table.Tr key={id}>
      <Table.Td>
        <Anchor component={Link} to={`/conversations/${encodeURIComponent(id)}`}>
          <TimeText value={startedAt} />
        </Anchor>
      </Table.Td>
      <Table.Td>{types.join(', ')}</Table.Td>
      <Table.Td>
        {participants.map(({ name, phoneNumber, phoneNumberAnonymized }, at) => (
          <div key={at}>
            {name} <Stored value={phoneNumber} anonymized={phoneNumberAnonymized} />
          </div>
        ))}
      </Table.Td>
    </Table.Tr>
  );
}
