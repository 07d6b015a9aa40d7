/** A real S3 service (versitygw), which the Go tests use, too: it is built from a module of its own, and the go command keeps it in its cache. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from '@playwright/test';

const MEDIA = join(import.meta.dirname, '../../media');
const MODULE = readdirSync(MEDIA, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('versitygw/go.mod'))!;
const [ACCESS_KEY, SECRET_KEY, BUCKET] = ['media-test', 'media-test-secret', 'recordings'];

export interface S3 {
  /** Such as http://127.0.0.1:40000. */
  url: string;
  /** The address of an empty bucket, and the credentials, as the program's environment takes them. */
  environment: Record<string, string>;
  stop: () => Promise<void>;
}

export async function startS3(): Promise<S3> {
  const program = execFileSync('go', ['tool', '-n', 'versitygw'], {
    cwd: join(MEDIA, dirname(MODULE)),
    env: { ...process.env, GOFLAGS: '', GOWORK: 'off' },
  });
  const folder = mkdtempSync(join(tmpdir(), 'qm-s3-'));
  for (const name of [join('data', BUCKET), 'meta']) mkdirSync(join(folder, name), { recursive: true });
  const address = `127.0.0.1:${await freePort()}`;
  const posix = ['posix', '--sidecar', join(folder, 'meta'), join(folder, 'data')];
  const child = spawn(program.toString().trim(), ['--quiet', '--region', 'us-east-1', '--port', address, ...posix], {
    env: { ...process.env, ROOT_ACCESS_KEY: ACCESS_KEY, ROOT_SECRET_KEY: SECRET_KEY },
    stdio: 'ignore',
  });
  const url = `http://${address}`;
  const answers = () =>
    fetch(url).then(
      () => true,
      () => false,
    );
  await expect.poll(answers, { timeout: 60_000 }).toBe(true);
  return {
    url,
    environment: {
      MEDIA_URL: `s3://${BUCKET}?region=us-east-1&use_path_style=true&endpoint=${encodeURIComponent(url)}`,
      AWS_ACCESS_KEY_ID: ACCESS_KEY,
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** freePort is one that the kernel has just given and taken back. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
