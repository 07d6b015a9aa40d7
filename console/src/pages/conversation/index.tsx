/** One conversation. */
import { Text } from '@mantine/core';
import { useParams } from 'react-router';
import { graphql } from '../../api/generated';
import { useApiQuery } from '../../api/useApiQuery';
import { useLive } from '../../api/useLive';
import { Page } from '../../ui/Page';
import { QueryView } from '../../ui/QueryView';
import { Empty } from '../../ui/states';
import { TimeText } from '../../ui/TimeText';

const CONVERSATION = graphql(`
  query Conversation($id: ID!) {
    conversation(id: $id) {
      id
      startedAt
      mediaStatus
    }
  }
`);

const CHANGED = graphql(`
  subscription ConversationChanged($ids: [ID!]!) {
    conversationChanged(ids: $ids) {
      id
    }
  }
`);

export default function Conversation() {
  const { id = '' } = useParams();
  const query = useApiQuery(CONVERSATION, { variables: { id } });
  useLive(CHANGED, { ids: [id] }, { next: query.refetch, gap: query.refetch }, !query.data?.conversation);
  return (
    <Page title="Conversation">
      <QueryView query={query} label="Loading the conversation">
        {({ conversation }) =>
          conversation ? (
            <Text>
              It began on <TimeText value={conversation.startedAt} />.
            </Text>
          ) : (
            <Empty title="There is no such conversation, or you may not see it" />
          )
        }
      </QueryView>
    </Page>
  );
}
