/** Builds the program once for all tests. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function build(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'qm-console-'));
  const binary = join(folder, 'qm-compliance');
  execFileSync('go', ['build', '-o', binary, '.'], { cwd: join(import.meta.dirname, '../..'), stdio: 'inherit' });
  process.env.QM_BINARY = binary;
  return () => rmSync(folder, { recursive: true, force: true });
}
