/**
 * Holds the program against what others say the protocols are: npm's graphql-http has an audit of GraphQL over HTTP, and npm's graphql-ws is the client
 * that defines graphql-transport-ws. QM_BINARY is the program; it is started as a demo with a data directory of its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { auditServer } from 'graphql-http';
import { CloseCode, createClient } from 'graphql-ws';
import WebSocket from 'ws';

const READY_WITHIN_MS = 60_000;

async function startDemo() {
  const data = mkdtempSync(join(tmpdir(), 'qm-conformance-'));
  chmodSync(data, 0o755); // PostgreSQL drops to another user where it is run as root, who has to get here
  const child = spawn(process.env.QM_BINARY, ['demo', '--listen', '127.0.0.1:0', '--data', data], { stdio: ['ignore', 'pipe', 'inherit'] });
  const stop = async () => {
    const ended = once(child, 'exit');
    if (child.exitCode === null && child.kill('SIGTERM')) await ended;
    rmSync(data, { recursive: true, force: true });
  };
  const url = await new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('the program is not ready')), READY_WITHIN_MS).unref();
    child.on('error', reject).on('exit', (code) => reject(new Error(`the program ended with ${code}`)));
    createInterface(child.stdout).on('line', (line) => /API\s+(http:\S+)\/graphql/.exec(line)?.slice(1).forEach(resolve));
  });
  return { url, stop };
}

async function tokenOf(url, person) {
  const answer = await fetch(`${url}/demo/token?as=${person}`, { method: 'POST' });
  return (await answer.json()).accessToken;
}

/** overHTTP runs all audits of graphql-http; each has to be held, those that the specification leaves open too. */
async function overHTTP(url, authorization) {
  const signed = (address, { headers, ...init } = {}) => fetch(address, { ...init, headers: { ...headers, authorization } });
  const results = await auditServer({ url: `${url}/graphql`, fetchFn: signed });
  return results.map(({ id, name, status, reason }) => ({
    name: `${id} ${name}`,
    problem: status === 'ok' ? null : `${status}: ${reason}`,
  }));
}

/** overSocket has graphql-ws do what clients do. */
async function overSocket(url, authorization) {
  const address = `${url.replace('http', 'ws')}/graphql`;
  const closed = (params, impl = WebSocket) =>
    new Promise((resolve) => {
      const client = createClient({
        url: address,
        webSocketImpl: impl,
        connectionParams: params,
        retryAttempts: 0,
        lazy: false,
        onNonLazyError: () => null,
      });
      client.on('closed', ({ code }) => resolve(code));
    });
  const client = createClient({
    url: address,
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: authorization },
    retryAttempts: 0,
  });
  const results = async (payload) => {
    const all = [];
    for await (const result of client.iterate(payload)) all.push(result);
    return all;
  };
  const failed = (payload) =>
    results(payload).then(
      () => null,
      (problem) => (Array.isArray(problem) ? problem[0].extensions.code : problem),
    );
  const settings = client.iterate({ query: 'subscription { complianceSettingsChanged { version } }' });
  const change = async () => {
    // What the demo itself has changed just before is told first.
    const told = (async () => {
      for await (const { data } of settings) if (data.complianceSettingsChanged.version > 1) return data.complianceSettingsChanged.version;
    })();
    // The change may come before the subscription; it is told all the same.
    await results({
      query: 'mutation { saveComplianceSettings(input: {baseVersion: 1, basicData: {mediaFiles: true}}) { userErrors { code } } }',
    });
    return told;
  };
  /** None names no protocol, as clients of none do, and those whose protocol the server does not speak get none either. */
  class None extends WebSocket {
    constructor(to) {
      super(to);
    }
  }
  const checks = [
    ['a query', async () => (await results({ query: '{ viewer { name } }' }))[0].data.viewer.name, 'Clara Novak'],
    [
      'a query with variables',
      async () =>
        (await results({ query: 'query($n: Int) { conversations(first: $n) { nodes { id } } }', variables: { n: 3 } }))[0].data
          .conversations.nodes.length,
      3,
    ],
    ['a mutation and a subscription', change, 2],
    ['a document that is not valid', () => failed({ query: '{ nothing }' }), 'INVALID'],
    ['a document without sense', () => failed({ query: '{' }), 'INVALID'],
    ['a token that is none', () => closed({ Authorization: 'Bearer x' }), CloseCode.Forbidden],
    ['no token', () => closed({}), CloseCode.Forbidden],
    ['no protocol', () => closed({}, None), CloseCode.SubprotocolNotAcceptable],
  ];
  const outcomes = [];
  for (const [name, run, want] of checks) {
    const got = await run();
    outcomes.push({
      name: `graphql-ws: ${name}`,
      problem: got === want ? null : `got ${JSON.stringify(got)}, want ${JSON.stringify(want)}`,
    });
  }
  await client.dispose();
  return outcomes;
}

const demo = await startDemo();
try {
  const outcomes = [];
  for (const person of ['manager', 'agent']) {
    const audits = await overHTTP(demo.url, `Bearer ${await tokenOf(demo.url, person)}`);
    console.log(`graphql-http, as ${person}: ${audits.filter(({ problem }) => !problem).length} of ${audits.length} audits held`);
    outcomes.push(...audits);
  }
  const socket = await overSocket(demo.url, `Bearer ${await tokenOf(demo.url, 'manager')}`);
  console.log(`graphql-ws: ${socket.filter(({ problem }) => !problem).length} of ${socket.length} checks held`);
  outcomes.push(...socket);
  const problems = outcomes.filter(({ problem }) => problem);
  for (const { name, problem } of problems) console.error(`${name}\n  ${problem}`);
  process.exitCode = problems.length > 0 ? 1 : 0;
} finally {
  await demo.stop();
}
