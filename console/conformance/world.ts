/** Three conversations: O is of the agent Ada herself, G of a colleague of her group, F of another group. */
import { buildSchema, type GraphQLSchema } from 'graphql';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { post } from '../e2e/api';
import { everything } from './selection';

/** schema is the contract, with its directives, which a server does not tell. */
export const schema: GraphQLSchema = buildSchema(readFileSync(join(import.meta.dirname, '../../schema.graphqls'), 'utf8'));

export type Letter = 'O' | 'G' | 'F';
export const LETTERS: Letter[] = ['O', 'G', 'F'];

/**
 * KNOWN says of each conversation its agent, when it was, and a word that is in all that was said, in every address, value and name. F was
 * between the others. No switch covers names, so that the word is in every answer that shows anything of the conversation.
 */
const KNOWN = {
  O: { word: 'Osgood', agent: { user_id: 'ada', group: 'support' }, hour: '09', digits: '+420777000111' },
  G: { word: 'Gresham', agent: { user_id: 'ben', group: 'support' }, hour: '11', digits: '+420777000222' },
  F: { word: 'Fenwick', agent: { user_id: 'eve', group: 'billing' }, hour: '10', digits: '+420777000333' },
} as const;

/** OF_F are values of the conversation F to look for. */
export const OF_F = { digits: KNOWN.F.digits, address: 'fenwick@', metadata: { key: 'crm.case', value: 'Fenwick' } };

/** wordsIn are the conversations that a text shows anything of. */
export const wordsIn = (text: string): string =>
  LETTERS.filter((letter) => text.toLowerCase().includes(KNOWN[letter].word.toLowerCase())).join('');

/** SILENCE is a second of it, as a WAV file of 8,000 samples a second. */
const SILENCE = ((): string => {
  const bytes = Buffer.alloc(44 + 8000, 0x80);
  bytes.write('RIFF....WAVEfmt ', 0, 'latin1');
  bytes.writeUInt32LE(36 + 8000, 4);
  [16, 0x10001, 8000, 8000, 0x80001].forEach((value, i) => bytes.writeUInt32LE(value, 16 + 4 * i));
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(8000, 40);
  return bytes.toString('base64url');
})();

/** vcons are the three as newline-delimited JSON. Each has a call with its recording, an e-mail and a chat. */
export const vcons = LETTERS.map((letter, i) => JSON.stringify(vcon(letter, i))).join('\n');

function vcon(letter: Letter, number: number): object {
  const { word, agent, hour, digits } = KNOWN[letter];
  const at = (minute: string) => `2026-03-02T${hour}:${minute}:00Z`;
  const text = { type: 'text', originator: 0, parties: [0, 1], mediatype: 'text/plain', encoding: 'none', body: `It is about ${word}.` };
  return {
    vcon: '0.3.0',
    uuid: `0195544a-0000-8000-8000-00000000000${number}`,
    created_at: at('50'),
    subject: `The matter of ${word}`,
    parties: [
      { role: 'customer', name: `Nia ${word}`, tel: digits, mailto: `${word.toLowerCase()}@customer.example` },
      { role: 'agent', name: `The agent of ${word}`, meta: agent },
    ],
    dialog: [
      {
        type: 'recording',
        start: at('00'),
        duration: 1,
        parties: [0, 1],
        originator: 0,
        mediatype: 'audio/x-wav',
        encoding: 'base64url',
        body: SILENCE,
      },
      {
        ...text,
        start: at('10'),
        message_id: `<${word}@customer.example>`,
        mediatype: 'message/rfc822',
        body: `From: ${word.toLowerCase()}@customer.example\r\nSubject: ${word}\r\n\r\nIt is about ${word}.`,
      },
      { ...text, start: at('20') },
    ],
    analysis: [{ type: 'transcript', dialog: 0, vendor: 'test', encoding: 'none', body: `One hears ${word}.` }],
    attachments: [
      {
        type: 'crm',
        purpose: 'crm',
        start: at('00'),
        party: 1,
        dialog: 0,
        mediatype: 'application/json',
        encoding: 'json',
        body: { case: word },
      },
    ],
  };
}

export interface World {
  url: string;
  /** Of every type that is a Node the global ids: of the conversations' things by the letter, of all others in a list. */
  ids: Record<string, Partial<Record<Letter, string>> & { any?: string }>;
  /** Where each conversation stands in the list, oldest first. */
  cursors: Record<Letter, string>;
  /** A cursor of the audit log. */
  auditCursor: string;
  /** Links to recordings that were made for the manager. */
  links: string[];
}

/** build imports the conversations with the token of somebody who may do everything, and learns the ids. */
export async function build(url: string, token: string): Promise<World> {
  const world: World = { url, ids: {}, cursors: {} as World['cursors'], auditCursor: '', links: [] };
  const imported = await fetch(`${url}/import`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: vcons });
  if (!imported.ok || ((await imported.clone().json()) as { added: number }).added !== 3) throw new Error(await imported.text());
  const read = async (field: string, args: string) => {
    const selection = everything(schema, schema.getQueryType()!.getFields()[field]!.type);
    const { data, errors } = await post<Record<string, Connection>>({ url }, token, `{ ${field}(${args}) ${selection} }`);
    if (errors) throw new Error(JSON.stringify(errors));
    return data[field]!.edges;
  };
  for (const { node, cursor } of await read('conversations', 'first: 3, orderBy: { field: STARTED_AT, direction: ASC }')) {
    const letter = wordsIn(JSON.stringify(node)) as Letter;
    world.cursors[letter] = cursor;
    for (const thing of thingsIn(node)) {
      if (isNode(thing)) (world.ids[thing.__typename] ??= {})[letter] ??= thing.id;
      if (thing.playbackUrl) world.links.push(thing.playbackUrl);
    }
  }
  for (const { node, cursor } of await read('auditEvents', 'first: 3')) {
    world.auditCursor = cursor;
    for (const thing of thingsIn(node)) if (isNode(thing) && !world.ids[thing.__typename]) world.ids[thing.__typename] = { any: thing.id };
  }
  world.ids.AnonymizationJob = {};
  for (const letter of LETTERS) {
    world.ids.AnonymizationJob[letter] = await plan({ url }, token, world.ids.Conversation![letter]!);
  }
  return world;
}

/** plan makes a job of one conversation, and waits until its preview stands. */
async function plan(served: { url: string }, token: string, conversation: string): Promise<string> {
  const planning = `mutation { planAnonymization(input: { conversationIds: ["${conversation}"] }) { job { id } } }`;
  const { data } = await post<Record<string, { job: { id: string } }>>(served, token, planning);
  const { id } = data.planAnonymization!.job;
  for (let state = ''; state !== 'PLANNED';) {
    await new Promise((resolve) => setTimeout(resolve, 100)); // the server bounds how often one may ask
    const asked = await post<Record<string, { state: string }>>(served, token, `{ anonymizationJob(id: "${id}") { state } }`);
    state = asked.data.anonymizationJob!.state;
  }
  return id;
}

interface Connection {
  edges: { cursor: string; node: object }[];
}

interface Thing {
  __typename: string;
  id: string;
  playbackUrl?: string | null;
}

/** NODES are the types whose things node finds. */
export const NODES = schema.getPossibleTypes(schema.getType('Node') as never).map(({ name }) => name);

const isNode = (thing: Thing): boolean => NODES.includes(thing.__typename) && Boolean(thing.id);

/** thingsIn are all objects in an answer. */
export function thingsIn(value: unknown): Thing[] {
  if (Array.isArray(value)) return value.flatMap(thingsIn);
  if (typeof value !== 'object' || value === null) return [];
  return [value as Thing, ...Object.values(value).flatMap(thingsIn)];
}
