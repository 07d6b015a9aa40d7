/** urql against the demo, with its normalized cache, and as it comes: queries go by GET. */
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { Client, fetchExchange, gql, subscriptionExchange } from 'urql';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { everyId, signIn, untouched, type Demo } from './demo';

let demo: Demo;
let client: Client;
/** What was asked over HTTP: the methods, in order. */
const methods: string[] = [];
beforeAll(async () => {
  demo = await signIn();
  client = new Client({
    url: demo.api,
    fetchOptions: { headers: { authorization: demo.authorization } },
    fetch: (address, init) => {
      methods.push(init!.method!);
      return fetch(address, init);
    },
    exchanges: [
      cacheExchange({ keys: { Anonymization: () => null }, resolvers: { Query: { conversations: relayPagination() } } }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({ unsubscribe: demo.socket.subscribe({ query: query!, variables: variables as never }, sink as never) }),
        }),
      }),
    ],
  });
});
beforeEach(() => void (methods.length = 0));
afterAll(() => demo.socket.dispose());

interface Page {
  conversations: { edges: { node: { id: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
}

const PAGE = gql<Page, { after?: string }>`
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

const CONVERSATION = gql<Found, { id: string }>`
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
  anonymizeConversations: {
    conversations: { id: string; anonymization: object }[] | null;
    userErrors: { code: string; field: string[] }[];
  };
}

const ANONYMIZE = gql<Anonymized, { ids: string[] }>`
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

const CHANGED = gql<{ conversationChanged: { anonymization: object | null } }, { ids: string[] }>`
  subscription Changed($ids: [ID!]!) {
    conversationChanged(ids: $ids) {
      id
      anonymization {
        settingsVersion
      }
    }
  }
`;

test('relayPagination puts the pages of a list together', async () => {
  let page = (await client.query(PAGE, {})).data!.conversations;
  let pages = 1;
  for (; page.pageInfo.hasNextPage; pages++) {
    page = (await client.query(PAGE, { after: page.pageInfo.endCursor })).data!.conversations;
  }
  const all = await everyId(demo);
  expect(pages).toBe(Math.ceil(all.length / 45));
  expect(page.edges.map(({ node }) => node.id)).toEqual(all);
  expect(methods).toEqual(Array(pages).fill('GET'));
});

test('a query, a mutation, the cache, and a subscription', async () => {
  const id = await untouched(demo, 3);
  const { data: found } = await client.query(CONVERSATION, { id });
  expect(found!.conversation).toMatchObject({ id, anonymization: null });
  const changed = new Promise((resolve, reject) => {
    client.subscription(CHANGED, { ids: [id] }).subscribe(({ data, error }) => {
      if (error) reject(error);
      if (data?.conversationChanged.anonymization) resolve(data.conversationChanged); // its import may be told first
    });
  });
  const { data } = await client.mutation(ANONYMIZE, { ids: [id] });
  const done = data!.anonymizeConversations;
  expect(done.userErrors).toEqual([]);
  expect(await changed).toEqual(done.conversations![0]);
  expect(client.readQuery(CONVERSATION, { id })!.data).toEqual({ conversation: done.conversations![0] });
  expect(methods).toEqual(['GET', 'POST']);
});

test('what the caller can fix', async () => {
  const { data } = await client.mutation(ANONYMIZE, { ids: ['nonsense'] });
  expect(data!.anonymizeConversations.userErrors).toMatchObject([{ code: 'INVALID', field: ['input', 'conversationIds', '0'] }]);
});

test('an error of a query', async () => {
  const { error } = await client.query(PAGE, { after: 'nonsense' });
  expect(error!.graphQLErrors[0]!.extensions.code).toBe('INVALID');
});
