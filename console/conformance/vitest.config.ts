// How the conformance tests run: in Node, against the built program that QM_BINARY names.
import { defineConfig, type Plugin } from 'vitest/config';

/** relayArtifacts does what Relay's plugin for Babel does: in place of a document stands what relay-compiler has made of it. */
const relayArtifacts: Plugin = {
  name: 'relay-artifacts',
  enforce: 'pre',
  transform(code, file) {
    if (!file.endsWith('relay.conformance.ts')) return;
    const names: string[] = [];
    const compiled = code.replace(/\bgraphql`\s*\w+ (\w+)[^`]*`/g, (_, name: string) => (names.push(name), name));
    return names.map((name) => `import ${name} from './generated/relay/${name}.graphql';`).join('') + compiled;
  },
};

export default defineConfig({
  plugins: [relayArtifacts],
  test: {
    root: import.meta.dirname,
    environment: 'node',
    include: ['*.conformance.ts'],
    globalSetup: 'setup.ts',
    testTimeout: 60_000,
    hookTimeout: 90_000,
    maxWorkers: 2,
    reporters: ['verbose'],
  },
});
