/**
 * What others say the protocols are: npm's graphql-http has an audit of GraphQL over HTTP, and npm's graphql-ws is the client that defines
 * graphql-transport-ws.
 */
import {
  buildClientSchema,
  getIntrospectionQuery,
  lexicographicSortSchema,
  printSchema,
  type GraphQLInterfaceType,
  type GraphQLSchema,
  type IntrospectionQuery,
} from 'graphql';
import { serverAudits } from 'graphql-http';
import { CloseCode, createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import WebSocket from 'ws';
import { tokenOf } from '../e2e/api';
import { signIn, type Demo } from './demo';
import { schema } from './world';

// Each audit has to be held, those that the specification leaves open too.
describe.each(['manager', 'agent'] as const)('GraphQL over HTTP, as %s', (person) => {
  let authorization: string;
  beforeAll(async () => {
    authorization = `Bearer ${await tokenOf({ url: inject('url') }, person)}`;
  });
  const signed: typeof fetch = (address, init) => fetch(address, { ...init, headers: { ...(init?.headers as object), authorization } });
  for (const audit of serverAudits({ url: `${inject('url')}/graphql`, fetchFn: signed })) {
    test(`${audit.id} ${audit.name}`, async () => {
      const { status, ...rest } = await audit.fn();
      expect(status, 'reason' in rest ? rest.reason : '').toBe('ok');
    });
  }
});

test('introspection tells the whole contract, as graphql-js reads it', async () => {
  const { ask } = await signIn();
  const query = getIntrospectionQuery({ specifiedByUrl: true, directiveIsRepeatable: true, inputValueDeprecation: true });
  let told = await ask<IntrospectionQuery>(query);
  const sorted = (of: GraphQLSchema) => printSchema(lexicographicSortSchema(of));
  // Beside what the contract has, the server knows @defer, and answers at once.
  told = { __schema: { ...told.__schema, directives: told.__schema.directives.filter(({ name }) => name !== 'defer') } };
  expect(sorted(buildClientSchema(told))).toBe(sorted(schema));
  for (const type of told.__schema.types) {
    if (type.kind !== 'INTERFACE' && type.kind !== 'UNION') continue;
    const possible = schema.getPossibleTypes(schema.getType(type.name) as GraphQLInterfaceType).map(({ name }) => name);
    expect(type.possibleTypes.map(({ name }) => name).sort(), type.name).toEqual(possible.sort());
  }
});

describe('graphql-transport-ws', () => {
  let demo: Demo;
  beforeAll(async () => {
    demo = await signIn();
  });
  afterAll(() => demo.socket.dispose());

  interface Result {
    data?: unknown;
  }

  async function results(query: string, variables = {}): Promise<Result[]> {
    const all: Result[] = [];
    for await (const result of demo.socket.iterate({ query, variables })) all.push(result);
    return all;
  }

  /** closed is the code by which the server closes a connection. */
  const closed = (connectionParams: Record<string, unknown>, webSocketImpl: unknown = WebSocket): Promise<number> =>
    new Promise((resolve) => {
      const url = demo.api.replace('http', 'ws');
      const client = createClient({ url, webSocketImpl, connectionParams, retryAttempts: 0, lazy: false, onNonLazyError: () => null });
      client.on('closed', (event) => resolve((event as CloseEvent).code));
    });

  test('a query', async () => {
    expect(await results('{ viewer { name } }')).toEqual([{ data: { viewer: { name: 'Clara Novak' } } }]);
  });

  test('a query with variables', async () => {
    const [page] = await results('query ($n: Int) { conversations(first: $n) { nodes { __typename } } }', { n: 2 });
    expect(page!.data).toEqual({ conversations: { nodes: [{ __typename: 'Conversation' }, { __typename: 'Conversation' }] } });
  });

  test('a mutation and a subscription', async () => {
    const [now] = await results('{ complianceSettings { version basicData { mediaFiles } } }');
    const { version, basicData } = (now!.data as { complianceSettings: { version: number; basicData: { mediaFiles: boolean } } })
      .complianceSettings;
    const settings = demo.socket.iterate<{ complianceSettingsChanged: { version: number } }>({
      query: 'subscription { complianceSettingsChanged { version } }',
    });
    // What the demo itself has changed just before is told first.
    const told = (async () => {
      for await (const { data } of settings) if (data!.complianceSettingsChanged.version > version) return data;
      return null;
    })();
    // The change may come before the subscription; it is told all the same.
    const input = { baseVersion: version, basicData: { mediaFiles: !basicData.mediaFiles } };
    await results('mutation ($input: SaveComplianceSettingsInput!) { saveComplianceSettings(input: $input) { userErrors { code } } }', {
      input,
    });
    expect(await told).toEqual({ complianceSettingsChanged: { version: version + 1 } });
  });

  test.each([
    ['a document that is not valid', '{ nothing }'],
    ['a document without sense', '{'],
  ])('%s', async (_, query) => {
    await expect(results(query)).rejects.toMatchObject([{ extensions: { code: 'INVALID' } }]);
  });

  /** None names no protocol, as clients of none do, and those whose protocol the server does not speak get none either. */
  class None extends WebSocket {
    constructor(to: string) {
      super(to);
    }
  }

  test('connections that are refused', async () => {
    expect(await closed({ Authorization: 'Bearer x' })).toBe(CloseCode.Forbidden);
    expect(await closed({})).toBe(CloseCode.Forbidden);
    expect(await closed({}, None)).toBe(CloseCode.SubprotocolNotAcceptable);
  });
});
