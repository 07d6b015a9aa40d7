/**
 * Apollo's default cache puts together what has the same type and id. It must give back what it was fed with: somebody who has changed her name
 * stays two in the audit log.
 */
import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { post } from '../e2e/api';
import { passwordGrant, startMock, type Issuer } from '../e2e/issuer';
import { startServe, type Server } from '../e2e/server';
import { everything } from './selection';
import { build, schema, thingsIn } from './world';

const NAMES = ['Olga Berg', 'Olga Novak'];

/** LISTS are the root fields that answer a page of something; of the audit log there is more than one. */
const LISTS = Object.values(schema.getQueryType()!.getFields()).filter(({ type }) => /Connection!$/.test(type.toString()));

let issuer: Issuer;
let served: Server;
let token: string;
beforeAll(async () => {
  let name = '';
  issuer = await startMock({ claimsOf: () => ({ name, realm_access: { roles: ['DEFAULT_CC_MANAGER'] } }) });
  served = await startServe(issuer.url, [], {});
  for (name of NAMES) {
    token = await passwordGrant(issuer, 'olga');
    const basicData = `{ mediaFiles: ${name === NAMES[0]} }`;
    const baseVersion = 1 + NAMES.indexOf(name);
    const save = `mutation { saveComplianceSettings(input: { baseVersion: ${baseVersion}, basicData: ${basicData} }) { userErrors { code } } }`;
    expect(await post(served, token, save)).toEqual({ data: { saveComplianceSettings: { userErrors: [] } } });
  }
  await build(served.url, token);
});
afterAll(async () => {
  await served.stop();
  await issuer.stop();
});

test.each(LISTS.map(({ name }) => name))('the cache gives back %s as they were', async (name) => {
  const query = `{ ${name}(first: 3) ${everything(schema, LISTS.find((list) => list.name === name)!.type)} }`;
  const { data: told } = await post<object>(served, token, query);
  const link = new HttpLink({ uri: `${served.url}/graphql`, headers: { authorization: `Bearer ${token}` } });
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  await client.query({ query: gql(query) });
  expect(thingsIn(told).length).toBeGreaterThan(10);
  // A link to a recording is made anew for each answer.
  expect(withoutLinks(client.readQuery({ query: gql(query) }))).toEqual(withoutLinks(told));
  client.stop();
});

test.each(LISTS.map(({ name }) => name).filter((name) => name.startsWith('audit')))('both names are in %s', async (name) => {
  const link = new HttpLink({ uri: `${served.url}/graphql`, headers: { authorization: `Bearer ${token}` } });
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const query = gql(`{ ${name}(first: 100) { nodes { id user { userId name } } } }`);
  await client.query({ query });
  const log = client.readQuery<Record<string, { nodes: { user: { userId: string; name: string } }[] }>>({ query })![name]!;
  const names = log.nodes.flatMap(({ user }) => (user.userId === 'olga' ? user.name : []));
  expect([...new Set(names)].sort()).toEqual(NAMES);
  client.stop();
});

const withoutLinks = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (key, one: unknown) => (key === 'playbackUrl' ? typeof one : one)));
