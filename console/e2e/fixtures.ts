/**
 * What every test in a browser starts from: a running demo, which the tests of one worker share, and a page that fails its test on any error in
 * the console, any exception, any request to another host, and anything that the content security policy forbids.
 */
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect, type Page } from '@playwright/test';
import { startDemo, type Server } from './server';

export { expect };

export type Person = 'manager' | 'analyst' | 'supervisor' | 'agent';

export const NAMES: Record<Person, string> = {
  manager: 'Clara Novak',
  analyst: 'Marcus Webb',
  supervisor: 'Priya Raman',
  agent: 'Tomas Lind',
};

interface Fixtures {
  /** Opens a page of the console as one of the demo's people. */
  openAs: (person: Person, path?: string) => Promise<Page>;
  /** Lets a test go on in spite of trouble that it makes itself. */
  allowTrouble: (...patterns: RegExp[]) => void;
  /** Watches a page that the test opens itself, too, and lets pages ask further hosts. */
  watch: (page: Page, ...hosts: string[]) => void;
}

export const test = base.extend<Fixtures, { server: Server }>({
  server: [
    // Playwright reads from this pattern that nothing else is needed.
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const server = await startDemo();
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 90_000 },
  ],
  baseURL: async ({ server }, use) => use(server.url),
  // eslint-disable-next-line no-empty-pattern
  allowTrouble: [async ({}, use, info) => use((...patterns) => void allowedOf(info).push(...patterns)), { auto: true }],
  watch: [
    async ({ server, page }, use, info) => {
      const trouble: string[] = [];
      const hosts = [server.url];
      const pages = new Set<Page>();
      const watch = (watched: Page, ...more: string[]) => {
        hosts.push(...more);
        if (!pages.has(watched)) note(watched, hosts, trouble);
        pages.add(watched);
      };
      watch(page);
      await use(watch);
      expect(trouble.filter((line) => !allowedOf(info).some((pattern) => pattern.test(line)))).toEqual([]);
    },
    { auto: true },
  ],
  openAs: async ({ page }, use) => use((person, path) => signIn(page, person, path)),
});

/** signIn opens a page of the console as one of the demo's people, in a browser of the test's own; give it to watch, too. */
export async function signIn(page: Page, person: Person, path = '/'): Promise<Page> {
  await page.goto(path);
  await page.getByRole('button', { name: NAMES[person] }).click();
  await expect(page.getByRole('button', { name: `Signed in as ${NAMES[person]}` })).toBeVisible();
  await page.mouse.move(0, 0); // what comes under the pointer now would show its tooltip
  return page;
}

const allowed = new WeakMap<object, RegExp[]>();

function allowedOf(info: object): RegExp[] {
  if (!allowed.has(info)) allowed.set(info, []);
  return allowed.get(info)!;
}

/** note writes down all that goes wrong in a page, what the policy forbids included: Chromium reports that in the console. */
function note(page: Page, hosts: string[], trouble: string[]): void {
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && trouble.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => trouble.push(`exception: ${error.message}`));
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && !hosts.includes(origin)) trouble.push(`request to another host: ${request.url()}`);
  });
}

/**
 * expectAccessible finds nothing that axe objects to, in the light and in the dark theme. Where a dialog is open it looks at that alone: what stands behind it is out of reach,
 * and was looked at without it.
 */
export async function expectAccessible(page: Page): Promise<void> {
  const dialogs = await page.locator('[role=dialog]').filter({ visible: true }).count();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
    const axe = new AxeBuilder({ page });
    if (dialogs > 0) axe.include('[role=dialog]');
    if (colorScheme === 'dark') axe.withRules(['color-contrast']); // all else is the same in both themes
    const { violations } = await axe.analyze();
    expect(violations.map(({ id, nodes }) => `${colorScheme}: ${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual([]);
  }
}

/** expectNoSideScroll finds that the page itself does not scroll sideways, once it has taken in the size of the window. */
export async function expectNoSideScroll(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
}
