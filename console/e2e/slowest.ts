/** A reporter that says at the end which specs took longest, each with its tests and their retries added up over the workers. */
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';
import { basename } from 'node:path';

const LISTED = 10;

export default class Slowest implements Reporter {
  #specs = new Map<string, number>();

  onTestEnd({ location: { file } }: TestCase, { duration }: TestResult): void {
    this.#specs.set(file, (this.#specs.get(file) ?? 0) + duration);
  }

  onEnd(): void {
    const slowest = [...this.#specs].sort(([, one], [, other]) => other - one).slice(0, LISTED);
    for (const [file, ms] of slowest) console.log(`${(ms / 1000).toFixed(1).padStart(8)} s  e2e/${basename(file)}`);
  }
}
