/** Apollo Client against the demo. */
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache, type TypedDocumentNode } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { OperationTypeNode } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { everyId, signIn, untouched, type Demo } from './demo';

let demo: Demo;
let client: ApolloClient;
beforeAll(async () => {
  demo = await signIn();
  const http = new HttpLink({ uri: demo.api, headers: { authorization: demo.authorization } });
  const socket = new GraphQLWsLink(demo.socket);
  client = new ApolloClient({
    link: ApolloLink.split(({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION, socket, http),
    cache: new InMemoryCache({ typePolicies: { Query: { fields: { conversations: relayStylePagination(['filter', 'orderBy']) } } } }),
  });
});
afterAll(async () => {
  client.stop();
  await demo.socket.dispose();
});

interface Page {
  conversations: { edges: { node: { id: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
}

const PAGE: TypedDocumentNode<Page, { after?: string }> = gql`
  query Page($after: Cursor) {
    conversations(first: 45, after: $after) {
      edges {
        cursor
        node {
          id
          startedAt
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

interface Found {
  conversation: { anonymization: object | null } | null;
}

const CONVERSATION: TypedDocumentNode<Found, { id: string }> = gql`
  query Conversation($id: ID!) {
    conversation(id: $id) {
      id
      anonymization {
        settingsVersion
      }
    }
  }
`;

interface Anonymized {
  anonymizeConversations: { conversations: { id: string; anonymization: object }[] | null; userErrors: object[] };
}

const ANONYMIZE: TypedDocumentNode<Anonymized, { ids: string[] }> = gql`
  mutation Anonymize($ids: [ID!]!) {
    anonymizeConversations(input: { conversationIds: $ids }) {
      conversations {
        id
        anonymization {
          settingsVersion
        }
      }
      userErrors {
        code
        field
      }
    }
  }
`;

const CHANGED: TypedDocumentNode<{ conversationChanged: { anonymization: object | null } }, { ids: string[] }> = gql`
  subscription Changed($ids: [ID!]!) {
    conversationChanged(ids: $ids) {
      id
      anonymization {
        settingsVersion
      }
    }
  }
`;

test('relayStylePagination puts the pages of a list together', async () => {
  const { data } = await client.query({ query: PAGE });
  const list = client.watchQuery({ query: PAGE });
  let pages = 1;
  for (let { pageInfo } = data!.conversations; pageInfo.hasNextPage; pages++) {
    pageInfo = (await list.fetchMore({ variables: { after: pageInfo.endCursor } })).data.conversations.pageInfo;
  }
  const all = await everyId(demo);
  expect(pages).toBe(Math.ceil(all.length / 45));
  expect(client.readQuery({ query: PAGE })!.conversations.edges.map(({ node }) => node.id)).toEqual(all);
});

test('a query, a mutation, the cache, and a subscription', async () => {
  const id = await untouched(demo, 2);
  const { data: found } = await client.query({ query: CONVERSATION, variables: { id } });
  expect(found!.conversation).toMatchObject({ __typename: 'Conversation', anonymization: null });
  const changed = new Promise((resolve, reject) => {
    client.subscribe({ query: CHANGED, variables: { ids: [id] } }).subscribe({
      next: ({ data }) => void (data?.conversationChanged.anonymization && resolve(data.conversationChanged)), // its import may be told first
      error: reject,
    });
  });
  const { data } = await client.mutate({ mutation: ANONYMIZE, variables: { ids: [id] } });
  const done = data!.anonymizeConversations;
  expect(done.userErrors).toEqual([]);
  expect(await changed).toEqual(done.conversations![0]);
  expect(client.readQuery({ query: CONVERSATION, variables: { id } })).toEqual({ conversation: done.conversations![0] });
});

test('what the caller can fix', async () => {
  const { data } = await client.mutate({ mutation: ANONYMIZE, variables: { ids: ['nonsense'] } });
  expect(data!.anonymizeConversations.userErrors).toMatchObject([{ code: 'INVALID', field: ['input', 'conversationIds', '0'] }]);
});

test('an error of a query', async () => {
  const error = await client.query({ query: CONVERSATION, variables: { id: 'nonsense' } }).catch((refused: unknown) => refused);
  expect(CombinedGraphQLErrors.is(error) && error.errors[0]!.extensions!.code).toBe('INVALID');
});
