/** What all conformance tests share: one demo, and what relay-compiler makes of Relay's documents. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startDemo } from '../e2e/server';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the demo is. */
    url: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  compileForRelay();
  const demo = await startDemo();
  project.provide('url', demo.url);
  return demo.stop;
}

/** compileForRelay fails where the documents do not fit the schema, or the schema does not fit Relay. */
function compileForRelay(): void {
  const here = import.meta.dirname;
  for (const folder of ['schema', 'relay']) mkdirSync(join(here, 'generated', folder), { recursive: true });
  copyFileSync(join(here, '../../schema.graphqls'), join(here, 'generated/schema/schema.graphql')); // it reads no other extension
  execFileSync(join(here, '../node_modules/.bin/relay-compiler'), ['relay.config.json'], {
    cwd: here,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
