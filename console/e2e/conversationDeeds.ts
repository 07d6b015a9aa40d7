/** What the tests of a conversation's page do beside the page: anonymize, import conversations of their own. */
import { createHash, randomUUID } from 'node:crypto';
import { anonymize as anonymizeAll, apiAs, ask, BASIC, saveSettings, tokenOf } from './api';
import { expect } from './fixtures';
import type { Server } from './server';

/** anonymize does so as the analyst, with phone numbers, addresses and what else is said. */
export async function anonymize(server: Server, id: string, basicData: Partial<typeof BASIC>): Promise<void> {
  const analyst = await apiAs(server, 'analyst');
  await saveSettings(analyst, basicData);
  await anonymizeAll(analyst, [id]);
}

/** importVcon imports a vCon over HTTP, and returns the id of its conversation. */
export async function importVcon(server: Server, vcon: object): Promise<string> {
  const before = new Set(await newest(server));
  const answer = await fetch(`${server.url}/import`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${await tokenOf(server, 'manager')}` },
    body: JSON.stringify(vcon),
  });
  expect(answer.status, await answer.text()).toBe(200);
  return (await newest(server)).find((id) => !before.has(id)) ?? '';
}

/** What is imported here began long after the demo's conversations, and so is among the first. */
async function newest(server: Server): Promise<string[]> {
  const { conversations } = await ask<{ conversations: { nodes: { id: string }[] } }>(
    server,
    'manager',
    '{ conversations(first: 100) { nodes { id } } }',
  );
  return conversations.nodes.map(({ id }) => id);
}

let made = 0;

/** vconOf is a vCon with a customer and an agent; more is laid over it. */
export function vconOf(more: object): { uuid: string; [key: string]: unknown } {
  made++;
  return {
    vcon: '0.4.0',
    uuid: randomUUID(),
    created_at: whenOf(),
    parties: [
      { name: 'Quentin Ashdown', tel: '+447700900987', role: 'customer' },
      { name: 'Hana Mizuno', mailto: 'hana.mizuno@contact.example', role: 'agent' },
    ],
    ...more,
  };
}

export const whenOf = (): string => new Date(Date.UTC(2031, 0, 1, 10, made)).toISOString();

/** recording is a dialog with a long sound: far more of it than a browser fetches ahead, unless the rate is low. */
export function recording(minutes: number, rate = 16_000): object {
  const sound = silence(minutes * 60, rate);
  return {
    type: 'recording',
    start: whenOf(),
    duration: minutes * 60,
    parties: [0, 1],
    mediatype: 'audio/x-wav',
    body: sound.toString('base64url'),
    encoding: 'base64url',
    content_hash: `sha512-${createHash('sha512').update(sound).digest('base64url')}`,
  };
}

/** silence is a WAV file of 16 bits in which every second differs from the last. */
function silence(seconds: number, rate: number): Buffer {
  const data = Buffer.alloc(seconds * rate * 2);
  for (let second = 0; second < seconds; second++) data.writeInt16LE(second, second * rate * 2);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

/** find returns the first conversation of the demo that a test wants, so that none depends on the order in which others ran. */
export async function find<Node>(server: Server, fields: string, filter: object, wanted: (node: Node & { id: string }) => boolean) {
  interface Page {
    conversations: { nodes: (Node & { id: string })[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
  }
  const query = `query ($filter: ConversationFilter, $after: Cursor) {
    conversations(first: 20, after: $after, filter: $filter) { nodes { id ${fields} } pageInfo { hasNextPage endCursor } }
  }`;
  let found: (Node & { id: string }) | undefined;
  for (let after: string | null = null, more = true; more && !found;) {
    const { conversations }: Page = await ask<Page>(server, 'manager', query, { filter, after });
    found = conversations.nodes.find(wanted);
    ({ endCursor: after, hasNextPage: more } = conversations.pageInfo);
  }
  expect(found, 'the demo has such a conversation').toBeDefined();
  return found!;
}

export const at = (id: string): string => `/conversations/${encodeURIComponent(id)}`;
