/** The program, running, with a data directory of its own. */
import { once } from 'node:events';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const READY_WITHIN_MS = 120_000;

export interface Server {
  /** Such as http://127.0.0.1:40000. */
  url: string;
  /** Its data directory, for commands that are to work on the same data. */
  data: string;
  stop: () => Promise<void>;
}

/** startDemo starts `demo`, which says on standard output where it is. */
export const startDemo = (): Promise<Server> => start(['demo', '--listen', '127.0.0.1:0'], /Console\s+(http:\/\/\S+)\//, 'stdout');

/** startServe starts `serve`, which says in its log where it is. */
export async function startServe(issuer: string, flags: string[], environment: Record<string, string>): Promise<Server> {
  const data = newData();
  await run('cp', ['-a', `${await (migrated ??= migrate())}/.`, data]);
  const command = ['serve', '--listen', '127.0.0.1:0', '--drain', '0s', '--oidc-issuer', issuer, ...flags];
  return start(command, /msg=serving address=(\S+)/, 'stderr', data, environment);
}

const run = promisify(execFile);

let migrated: Promise<string> | undefined;

/** migrate makes a database that is ready, once in each process: to make it takes longer than all else that `serve` does. */
async function migrate(): Promise<string> {
  const data = newData();
  process.once('exit', () => rmSync(data, { recursive: true, force: true }));
  await run(process.env.QM_BINARY!, ['migrate', '--data', data]);
  return data;
}

function newData(): string {
  const data = mkdtempSync(join(tmpdir(), 'qm-console-data-'));
  chmodSync(data, 0o755); // PostgreSQL drops to another user where it is run as root, who has to get here
  return data;
}

async function start(command: string[], where: RegExp, on: 'stdout' | 'stderr', data = newData(), environment = {}): Promise<Server> {
  const child = spawn(process.env.QM_BINARY!, [...command, '--data', data], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const found = await address(child, where, on);
  const stop = async () => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  return { url: found.startsWith('http') ? found : `http://${found}`, data, stop };
}

/** address reads what the program says, to the end, until it says where it is. */
function address(child: ChildProcess, where: RegExp, on: 'stdout' | 'stderr'): Promise<string> {
  const said: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${why}:\n${said.join('\n')}`));
    setTimeout(() => fail('the program is not ready'), READY_WITHIN_MS).unref();
    child.on('exit', (code) => fail(`the program ended with ${code}`));
    for (const stream of ['stdout', 'stderr'] as const) {
      createInterface(child[stream]!).on('line', (line) => {
        said.push(line);
        const match = stream === on && where.exec(line);
        if (match) resolve(match[1]!);
      });
    }
  });
}
