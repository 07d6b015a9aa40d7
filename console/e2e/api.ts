/** The API beside the browser: to pick conversations, to set the scene, and to be somebody else meanwhile. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Person } from './fixtures';
import type { Server } from './server';

export type Ask = <T>(query: string, variables?: Record<string, unknown>) => Promise<T>;

type Where = Pick<Server, 'url'>;

/** tokenOf signs one of the demo's people in beside the browser. */
export async function tokenOf({ url }: Where, person: Person): Promise<string> {
  const answer = await fetch(`${url}/demo/token?as=${person}`, { method: 'POST' });
  return ((await answer.json()) as { accessToken: string }).accessToken;
}

/** post sends an operation, and returns the whole answer. */
export async function post<Data>(
  { url }: Where,
  token: string,
  query: string,
  variables: object = {},
): Promise<{ data: Data; errors?: unknown[] }> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
  const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  return (await answer.json()) as { data: Data; errors?: unknown[] };
}

/** apiAs signs in as one of the demo's people; what is asked then fails on any error. */
export async function apiAs(where: Where, person: Person): Promise<Ask> {
  const token = await tokenOf(where, person);
  return async <T>(query: string, variables = {}) => {
    const { data, errors } = await post<T>(where, token, query, variables);
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
}

/** ask runs one operation as one of the demo's people, and answers its data; it fails on any error. */
export async function ask<Data = Record<string, unknown>>(where: Where, person: Person, query: string, variables = {}): Promise<Data> {
  return (await apiAs(where, person))<Data>(query, variables);
}

/** attempt does so where errors are expected, or do not matter. */
export async function attempt(where: Where, person: Person, query: string, variables = {}): Promise<void> {
  await post(where, await tokenOf(where, person), query, variables);
}

export interface Picked {
  id: string;
  types: string[];
  participants: { name: string; phoneNumber: string | null; digitalAddress: string | null }[];
  metadata: { key: string; value: string }[];
}

/** pick finds conversations that nobody has anonymized, the newest first. */
export async function pick(ask: Ask, count: number, filter: Record<string, unknown> = {}): Promise<Picked[]> {
  const query = `query ($first: Int, $filter: ConversationFilter) { conversations(first: $first, filter: $filter) {
    nodes { id types participants { name phoneNumber digitalAddress } metadata { key value } } } }`;
  const answer = await ask<{ conversations: { nodes: Picked[] } }>(query, { first: count, filter: { isAnonymized: false, ...filter } });
  if (answer.conversations.nodes.length < count) throw new Error('the demo has too few such conversations left');
  return answer.conversations.nodes;
}

export const BASIC = { participantPhoneNumber: true, participantDigitalAddress: true, subjectAndBody: false, mediaFiles: false };

/** saveSettings sets the switches of Basic Data, all of them, and switches off every key. It returns the version that is in force. */
export async function saveSettings(ask: Ask, basicData: Partial<typeof BASIC> = {}): Promise<number> {
  type Keys = { key: string }[];
  interface Now {
    complianceSettings: { version: number; customData: Keys; otherData: Keys };
  }
  const { complianceSettings: now } = await ask<Now>('{ complianceSettings { version customData { key } otherData { key } } }');
  const off = (keys: Keys) => keys.map(({ key }) => ({ key, isAnonymized: false }));
  const input = {
    baseVersion: now.version,
    basicData: { ...BASIC, ...basicData },
    customData: off(now.customData),
    otherData: off(now.otherData),
  };
  const mutation = `mutation ($input: SaveComplianceSettingsInput!) { saveComplianceSettings(input: $input) { settings { version } userErrors { message } } }`;
  const { saveComplianceSettings: saved } = await ask<{ saveComplianceSettings: { settings: { version: number }; userErrors: unknown[] } }>(
    mutation,
    { input },
  );
  if (saved.userErrors.length > 0) throw new Error(JSON.stringify(saved.userErrors));
  return saved.settings.version;
}

/** anonymize does so under whichever settings are in force, and fails where a conversation is left. */
export async function anonymize(ask: Ask, ids: string[]): Promise<void> {
  const mutation = `mutation ($ids: [ID!]!) { anonymizeConversations(input: { conversationIds: $ids }) { userErrors { message } } }`;
  const { anonymizeConversations } = await ask<{ anonymizeConversations: { userErrors: unknown[] } }>(mutation, { ids });
  if (anonymizeConversations.userErrors.length > 0) throw new Error(JSON.stringify(anonymizeConversations.userErrors));
}

/** total is how many conversations match a filter. */
export async function total(ask: Ask, filter: Record<string, unknown>): Promise<number> {
  const query = 'query ($filter: ConversationFilter) { conversations(filter: $filter) { totalCount } }';
  return (await ask<{ conversations: { totalCount: number } }>(query, { filter })).conversations.totalCount;
}

/** deleteMedia runs the Delete tool once, as a process of its own, and returns what it said. */
export async function deleteMedia({ data }: Server): Promise<string> {
  const { stdout } = await promisify(execFile)(process.env.QM_BINARY!, ['delete-media', '--data', data]);
  return stdout;
}
