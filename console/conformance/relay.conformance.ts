/** Relay's runtime against the demo, with what relay-compiler makes of the documents. */
import {
  commitMutation,
  createOperationDescriptor,
  Environment,
  fetchQuery,
  getRequest,
  graphql,
  Network,
  Observable,
  RecordSource,
  requestSubscription,
  Store,
  type GraphQLResponse,
  type GraphQLTaggedNode,
  type OperationType,
} from 'relay-runtime';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { everyId, signIn, untouched, type Demo } from './demo';

const PAGE = graphql`
  query relayPageQuery($after: Cursor) {
    conversations(first: 45, after: $after) @connection(key: "relay_conversations") {
      edges {
        node {
          id
          startedAt
        }
      }
    }
  }
`;
const NODE = graphql`
  query relayNodeQuery($id: ID!) {
    node(id: $id) {
      __typename
      id
      ... on Conversation {
        anonymization {
          settingsVersion
        }
      }
    }
  }
`;
const ANONYMIZE = graphql`
  mutation relayAnonymizeMutation($ids: [ID!]!) {
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
const CHANGED = graphql`
  subscription relayChangedSubscription($ids: [ID!]!) {
    conversationChanged(ids: $ids) {
      id
      anonymization {
        settingsVersion
      }
    }
  }
`;

let demo: Demo;
beforeAll(async () => {
  demo = await signIn();
});
afterAll(() => demo.socket.dispose());

/** newEnvironment is Relay's store and network, as a web app has them. */
function newEnvironment(): Environment {
  const fetchOne = async ({ text: query }: { text: string | null }, variables: object) => {
    const headers = { authorization: demo.authorization, 'content-type': 'application/json' };
    const answer = await fetch(demo.api, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
    return (await answer.json()) as GraphQLResponse;
  };
  const subscribe = ({ text }: { text: string | null }, variables: Record<string, unknown>) =>
    Observable.create<never>((sink) => demo.socket.subscribe({ query: text!, variables }, sink));
  return new Environment({ network: Network.create(fetchOne, subscribe), store: new Store(new RecordSource()) });
}

const ask = <T extends OperationType['response']>(environment: Environment, query: GraphQLTaggedNode, variables: object): Promise<T> =>
  fetchQuery<{ variables: object; response: T }>(environment, query, variables).toPromise() as Promise<T>;

type Anonymized = {
  anonymizeConversations: {
    conversations: { id: string; anonymization: object }[] | null;
    userErrors: { code: string; field: string[] }[];
  };
};

const anonymize = (environment: Environment, ids: string[]): Promise<Anonymized> =>
  new Promise((resolve, reject) => {
    commitMutation<{ variables: { ids: string[] }; response: Anonymized }>(environment, {
      mutation: ANONYMIZE,
      variables: { ids },
      onCompleted: resolve,
      onError: reject,
    });
  });

test('a query finds a node', async () => {
  const id = await untouched(demo, 0);
  const found = await ask<{ node: object }>(newEnvironment(), NODE, { id });
  expect(found.node).toMatchObject({ __typename: 'Conversation', id });
});

test('the store puts the pages of a list together', async () => {
  const environment = newEnvironment();
  const first = createOperationDescriptor(getRequest(PAGE), {});
  environment.retain(first);
  const read = () =>
    environment.lookup(first.fragment).data as {
      conversations: { edges: { node: { id: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };
    };
  await ask(environment, PAGE, {});
  let pages = 1;
  for (; read().conversations.pageInfo.hasNextPage; pages++) {
    await ask(environment, PAGE, { after: read().conversations.pageInfo.endCursor });
  }
  const all = await everyId(demo);
  expect(pages).toBe(Math.ceil(all.length / 45));
  expect(read().conversations.edges.map(({ node }) => node.id)).toEqual(all);
});

test('a mutation, the store, and a subscription', async () => {
  const environment = newEnvironment();
  const id = await untouched(demo, 1);
  await ask(environment, NODE, { id });
  const changed = new Promise((resolve, reject) => {
    requestSubscription<{ variables: { ids: string[] }; response: { conversationChanged: { anonymization: unknown } } }>(environment, {
      subscription: CHANGED,
      variables: { ids: [id] },
      onNext: (told) => void (told?.conversationChanged.anonymization && resolve(told)), // its import may be told first
      onError: reject,
    });
  });
  const { anonymizeConversations: done } = await anonymize(environment, [id]);
  expect(done.userErrors).toEqual([]);
  expect(await changed).toEqual({ conversationChanged: done.conversations![0] });
  const stored = environment.lookup(createOperationDescriptor(getRequest(NODE), { id }).fragment).data;
  expect(stored).toMatchObject({ node: { id, anonymization: done.conversations![0]!.anonymization } });
});

test('what the caller can fix', async () => {
  const { anonymizeConversations: refused } = await anonymize(newEnvironment(), ['nonsense']);
  expect(refused.userErrors).toEqual([{ code: 'INVALID', field: ['input', 'conversationIds', '0'] }]);
});

test('an error of a query', async () => {
  await expect(ask(newEnvironment(), PAGE, { after: 'nonsense' })).rejects.toThrow('relayPageQuery');
});
