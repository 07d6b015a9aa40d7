/**
 * Who may do what, whole: every root field, node by every type, filters, cursors, links to recordings and the import, as everybody of people.ts,
 * with tokens of two providers. What is right is computed from the directives of the contract, and the scope.
 */
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { post, type Ask } from '../e2e/api';
import { passwordGrant, startIssuer, startMock, type Issuer } from '../e2e/issuer';
import { startServe, type Server } from '../e2e/server';
import { codeFlow } from './codeFlow';
import { everybody, person, seenBy, type Person } from './people';
import { filters, probesOf, rootFields, ROLES, shown, want, type Probe } from './probes';
import { build, LETTERS, vcons, wordsIn, type World } from './world';

const PEOPLE = everybody(ROLES);
const MANAGER = person(['DEFAULT_CC_MANAGER'], 'full', ROLES);
const claimsOf = (account: string) => PEOPLE.find((one) => one.account === account)!.claims!;

/** How the two providers sign an account in. */
const PROVIDERS = {
  'oidc-provider': {
    start: () => startIssuer({ refresh: false, claimsOf }),
    signIn: ({ url }: Issuer, served: string, account: string) => codeFlow(url, `${served}/signed-in`, account),
  },
  'oauth2-mock-server': {
    start: () => startMock({ claimsOf }),
    signIn: (issuer: Issuer, _: string, account: string) => passwordGrant(issuer, account),
  },
};

let last = '';

describe.each(['oidc-provider', 'oauth2-mock-server'] as const)('with tokens of %s', (name) => {
  let issuer: Issuer;
  let served: Server;
  let world: World;
  let probes: Probe[];
  const tokens = new Map<string, string>();
  /** The cells: by the person's account, then by the name of the probe. */
  const cells = new Map<string, Map<string, string>>(PEOPLE.map(({ account }) => [account, new Map()]));

  beforeAll(async () => {
    const provider = PROVIDERS[name];
    issuer = await provider.start();
    served = await startServe(issuer.url, [], {});
    issuer.admit(served.url);
    await each(PEOPLE, async ({ account, claims }) => {
      if (claims) tokens.set(account, await provider.signIn(issuer, served.url, account));
    });
    world = await build(served.url, tokens.get(MANAGER.account)!);
    probes = probesOf(world);
  });
  afterAll(async () => {
    await served.stop();
    await issuer.stop();
  });

  const signed = ({ account, claims }: Person): { authorization: string } | Record<string, never> =>
    claims ? { authorization: `Bearer ${tokens.get(account)!}` } : {};

  /** check runs probes as everybody, and holds the cells against those that are right. */
  async function check(chosen: Probe[], run: (probe: Probe, person: Person) => Promise<string>, atOnce = 4): Promise<void> {
    await each(
      PEOPLE,
      async (one) => {
        for (const probe of chosen) cells.get(one.account)!.set(probe.name, await run(probe, one));
      },
      atOnce,
    );
    const right = new Map(PEOPLE.map((one) => [one.account, new Map(chosen.map((probe) => [probe.name, want(probe, one)]))]));
    expect(table(chosen, cells)).toBe(table(chosen, right));
  }

  /** send asks over HTTP, one operation after the other: of several each is about one conversation. */
  async function send({ operations, range, field }: Probe, one: Person): Promise<string> {
    const answers: string[] = [];
    for (const query of operations) {
      const headers = { ...signed(one), 'content-type': 'application/json' };
      const answer = await fetch(`${served.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
      const { data, errors } = (await answer.json()) as Answer;
      if (errors) return refused(errors[0]!.extensions.code);
      answers.push(data![field!] === null ? '' : JSON.stringify(data![field!]));
    }
    const found = operations.length > 1 ? LETTERS.filter((_, i) => answers[i]) : undefined;
    return cell(range, answers.join(''), one, found?.join(''));
  }

  const of = (...kinds: Probe['kind'][]) => probes.filter(({ kind }) => kinds.includes(kind));

  test('nothing of the API is left out', async () => {
    const query = `{ __schema { queryType { fields { name } } mutationType { fields { name } } subscriptionType { fields { name } } }
      node: __type(name: "Node") { possibleTypes { name } } filter: __type(name: "ConversationFilter") { inputFields { name } } }`;
    const { data } = await post<Introspected>(served, tokens.get(MANAGER.account)!, query);
    const { queryType, mutationType, subscriptionType } = data.__schema;
    const names = [queryType, mutationType, subscriptionType].flatMap(({ fields }) => fields.map((field) => field.name));
    expect(rootFields.map(({ field }) => field.name).sort()).toEqual(names.sort());
    expect([...new Set(probes.flatMap(({ field }) => field ?? []))].sort()).toEqual(names);
    const asked = (about: string) => probes.flatMap((probe) => (probe.name.startsWith(about) ? probe.name.slice(about.length) : []));
    expect(asked('node, ').sort()).toEqual(data.node.possibleTypes.map((type) => type.name).sort());
    expect(filters().map(([filter]) => filter.split(':')[0])).toEqual(data.filter.inputFields.map((field) => field.name));
  });

  test('queries', () => check(of('query'), send));

  test('what stands beside GraphQL', () =>
    check(of('http'), (probe, one) => {
      if (probe.name === '/import') return importAgain(one);
      return probe.name.includes('own') ? playOwn(one) : playOthers(one);
    }));

  async function importAgain(one: Person): Promise<string> {
    const answer = await fetch(`${served.url}/import`, { method: 'POST', headers: signed(one), body: vcons });
    const said = (await answer.json()) as { error?: { code: string }; unchanged?: number };
    return said.error ? refused(said.error.code) : said.unchanged === 3 ? 'yes' : JSON.stringify(said);
  }

  /** playOwn plays what one finds in the list, as a player without a token does, and as a program with one. */
  async function playOwn(one: Person): Promise<string> {
    const query = '{ conversations(first: 3) { nodes { participants { name } media { playbackUrl } } } }';
    const headers = { ...signed(one), 'content-type': 'application/json' };
    const answer = await fetch(`${served.url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query }) });
    const { data, errors } = (await answer.json()) as { data: { conversations: { nodes: Listed[] } }; errors?: Answer['errors'] };
    if (errors) return refused(errors[0]!.extensions.code);
    let played = '';
    for (const { participants, media } of data.conversations.nodes) {
      const links = media.map(({ playbackUrl }) => new URL(playbackUrl, served.url));
      const answers = [...links.map((link) => fetch(link)), ...links.map((link) => fetch(link, { headers }))];
      const sounds = await Promise.all(answers.map(async (answer) => bytesOf(await answer)));
      played += sounds.length === 2 && sounds.every((bytes) => bytes === 8044) ? JSON.stringify(participants) : JSON.stringify(sounds);
    }
    return cell('OGF', played, one);
  }

  /** playOthers plays the links that were made for the manager. */
  async function playOthers(one: Person): Promise<string> {
    const { status } = await fetch(new URL(world.links[0]!, served.url), { headers: { authorization: 'Bearer none', ...signed(one) } });
    if (one.account === MANAGER.account) return status === 200 ? '-' : String(status);
    return status === 403 ? (one.claims ? '-' : '401') : String(status);
  }

  test('subscriptions', async () => {
    const manage = async <T>(query: string) => (await post<T>(served, tokens.get(MANAGER.account)!, query)).data;
    const listeners = await Promise.all(PEOPLE.map((one) => listen(served.url, one, signed(one).authorization, of('subscription'))));
    // The last of the conversations that a person may see tells that those before it stayed silent.
    for (const round of [1, 2]) {
      await change(world, manage, round === 1);
      const settled = () =>
        listeners.every((heard, i) => of('subscription').every((probe) => heard.cell(probe) === want(probe, PEOPLE[i]!)));
      await settle(settled, round === 1 ? 30_000 : 0);
      await Promise.all(listeners.map((heard) => heard.barrier()));
    }
    await check(of('subscription'), (probe, one) => Promise.resolve(listeners[PEOPLE.indexOf(one)]!.cell(probe)));
    await Promise.all(listeners.map((heard) => heard.stop()));
  });

  // One person after the other, so that each releases what it has protected itself.
  test('mutations', () => check(of('mutation'), send, 1));

  test('the whole table', () => {
    const whole = table(probes, cells);
    if (last) expect(whole).toBe(last);
    else console.log(`${whole}\n${PEOPLE.length} people, ${probes.length} things to ask for`);
    last = whole;
  });
});

interface Answer {
  data?: Record<string, object | null> | null;
  errors?: { extensions: { code: string } }[];
}

interface Listed {
  participants: object[];
  media: { playbackUrl: string }[];
}

interface Introspected {
  __schema: Record<'queryType' | 'mutationType' | 'subscriptionType', { fields: { name: string }[] }>;
  node: { possibleTypes: { name: string }[] };
  filter: { inputFields: { name: string }[] };
}

const bytesOf = async (answer: Response): Promise<number> => (answer.ok ? (await answer.arrayBuffer()).byteLength : answer.status);

const refused = (code: string): string => ({ UNAUTHENTICATED: '401', FORBIDDEN: '-' })[code] ?? code;

/** cell is what an answer shows; of a conversation that is not the person's to see nothing may be in any answer. */
function cell(range: string | null, text: string, one: Person, found = wordsIn(text)): string {
  const leaked = [...wordsIn(text)].filter((letter) => !seenBy(one).includes(letter));
  if (leaked.length > 0) return `!${leaked.join('')}`;
  if (range === null) return text ? 'yes' : '.';
  // The messages of segments are counted too, and stand before.
  const total = text.includes('"ConversationConnection"') ? /.*"totalCount":(\d+)/s.exec(text)?.[1] : undefined;
  return shown(found, Number(total ?? found.length));
}

/** table prints cells: the people below each other, the probes beside each other, by number. */
function table(probes: Probe[], cells: Map<string, Map<string, string>>): string {
  const head = probes.map(({ name }, i) => `${String(i + 1).padStart(2)}  ${name}`);
  const numbers = probes.map((_, i) => String(i + 1).padStart(3)).join(' ');
  const rows = PEOPLE.map(({ account, holder, scope }) => {
    const row = probes.map(({ name }) => cells.get(account)!.get(name)!.padStart(3)).join(' ');
    return `${holder.padEnd(50)} ${scope.padEnd(5)} ${row}`;
  });
  return [...head, `${' '.repeat(56)} ${numbers}`, ...rows].join('\n');
}

/** each does something for each of many, some at once. */
async function each<T>(many: T[], run: (one: T) => Promise<void>, atOnce = 4): Promise<void> {
  const left = [...many];
  const work = async () => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await run(one);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

/**
 * change protects each recording and releases it again, those last that most may see, moves a key between the settings' sections, and
 * lets the foreign conversation's job start in a week, or cancels it.
 */
async function change({ ids }: World, manage: Ask, filter: boolean): Promise<void> {
  for (const letter of [...LETTERS].reverse()) {
    const id = JSON.stringify(ids.MediaFile![letter]);
    await manage(`mutation { protectMedia(input: { mediaFileIds: [${id}], reason: OTHER }) { userErrors { code } } }`);
    await manage(`mutation { releaseMedia(input: { mediaFileIds: [${id}] }) { userErrors { code } } }`);
  }
  const job = ids.AnonymizationJob!.F;
  const inAWeek = new Date(Date.now() + 7 * 24 * 3600_000).toISOString();
  await manage(
    filter
      ? `mutation { startAnonymization(input: { jobId: "${job}", startAt: "${inAWeek}" }) { userErrors { code } } }`
      : `mutation { cancelAnonymization(input: { jobId: "${job}" }) { userErrors { code } } }`,
  );
  await manage(`mutation { configureMetadataKey(input: { key: "crm.case", isFilterKey: ${filter} }) { userErrors { code } } }`);
}

interface Heard {
  cell: (probe: Probe) => string;
  /** Waits until the server has answered on this connection. */
  barrier: () => Promise<unknown>;
  stop: () => Promise<void>;
}

/** listen subscribes to everything on one connection. */
async function listen(url: string, one: Person, authorization: string | undefined, probes: Probe[]): Promise<Heard> {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: authorization },
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => undefined,
  });
  const heard = new Map(probes.map(({ name }) => [name, '']));
  const failed = new Map<string, string>();
  const fail = (name: string, problem: unknown) => {
    const code = Array.isArray(problem) ? (problem as { extensions: { code: string } }[])[0]!.extensions.code : '';
    failed.set(name, (problem as { code?: number }).code === 4403 ? '401' : refused(code));
  };
  for (const { name, operations } of probes) {
    const sink = {
      next: (told: { errors?: unknown }) =>
        told.errors ? fail(name, told.errors) : void heard.set(name, heard.get(name) + JSON.stringify(told)),
      error: (problem: unknown) => fail(name, problem),
      complete: () => undefined,
    };
    client.subscribe({ query: operations[0]! }, sink);
  }
  const barrier = async () => {
    await client.iterate({ query: '{ viewer { name } }' }).next();
  };
  return Promise.resolve({
    cell: ({ name, range }) => {
      const text = heard.get(name)!;
      // What a job tells has no conversation in it: a person who hears of it sees its conversation.
      return failed.get(name) ?? cell(range, text, one, name === 'anonymizationJobChanged' && text ? range! : undefined);
    },
    barrier: () => barrier().catch(() => undefined),
    stop: async () => client.dispose(),
  });
}

/** settle waits until something holds, up to a time after which it does not matter any more. */
async function settle(holds: () => boolean, milliseconds: number): Promise<void> {
  for (const end = Date.now() + milliseconds; !holds() && Date.now() < end;) await new Promise((resolve) => setTimeout(resolve, 20));
}
