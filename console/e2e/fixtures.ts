/**
 * What every test in a browser starts from: a running demo, which the tests of one worker share, and a page that fails its test on any error in
 * the console, any exception, any request to another host, and anything that the content security policy forbids.
 */
import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { demoStrategy } from '../src/auth/demo';
import { expectAccessible } from './accessible';
import { startDemo, type Server } from './server';

export { expect, expectAccessible };

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
    { scope: 'worker', timeout: 150_000 },
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
  openAs: async ({ page, server }, use) => use((person, path) => openAs(page, server, person, path)),
});

/** openAs opens a page of the console as one of the demo's people, in a browser of the test's own; give it to watch, too. */
export async function openAs(page: Page, server: Server, person: Person, path = '/'): Promise<Page> {
  const door = `${server.url}/door`; // an empty page of the same origin, whose storage is the console's
  await page.route(door, (route) => route.fulfill({ contentType: 'text/html', body: '<link rel="icon" href="data:,">' }));
  await page.goto(door);
  await page.unroute(door);
  await page.evaluate((kept) => kept.forEach(([key, value]) => sessionStorage.setItem(key, value)), await signIn(server, person));
  await page.goto(server.url + path);
  return signedIn(page, person);
}

/** signInByHand does so by a press of the button on the page that asks who one is. */
export async function signInByHand(page: Page, person: Person, path = '/'): Promise<Page> {
  await page.goto(path);
  await page.getByRole('button', { name: NAMES[person] }).click();
  return signedIn(page, person);
}

async function signedIn(page: Page, person: Person): Promise<Page> {
  await expect(page.getByRole('button', { name: `Signed in as ${NAMES[person]}` })).toBeVisible();
  await page.mouse.move(0, 0); // what comes under the pointer now would show its tooltip
  return page;
}

type Kept = [key: string, value: string][];

const signIns = new WeakMap<Server, Map<Person, Promise<Kept>>>();

/** signIn is what the console keeps in a tab when a person has signed in, by the console's own code, once for each person and server. */
function signIn(server: Server, person: Person): Promise<Kept> {
  const known = signIns.get(server) ?? new Map<Person, Promise<Kept>>();
  signIns.set(server, known);
  if (!known.has(person)) known.set(person, begin(server, person));
  return known.get(person)!;
}

async function begin({ url }: Server, person: Person): Promise<Kept> {
  const kept: Kept = [];
  const setItem = (key: string, value: string) => void kept.push([key, value]);
  await demoStrategy({ tokenUrl: `${url}/demo/token` } as Parameters<typeof demoStrategy>[0], { setItem } as unknown as Storage).signIn(
    person,
  );
  return kept;
}

/** poll looks more often than expect.poll, which would wait for up to a second beyond what it waits for. */
export const poll = <Value>(read: () => Promise<Value> | Value, timeout = 15_000) => expect.poll(read, { intervals: [50, 100], timeout });

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
  page.on('websocket', (socket) => {
    if (!hosts.includes(new URL(socket.url()).origin.replace('ws', 'http'))) trouble.push(`connection to another host: ${socket.url()}`);
  });
}

/** expectNoSideScroll finds that the page itself does not scroll sideways, once it has taken in the size of the window. */
export async function expectNoSideScroll(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
}

/** tryAgain presses the button. Where the server is back the page also tries by itself, so that the button may go before it is pressed. */
export async function tryAgain(where: Page | Locator): Promise<void> {
  await where
    .getByRole('button', { name: 'Try again' })
    .first()
    .click({ timeout: 2_000 })
    .catch(() => undefined);
}

/** expectBack tries again until the page is well. */
export async function expectBack(page: Page): Promise<void> {
  await expect(async () => {
    if ((await page.getByRole('alert').count()) > 0) await tryAgain(page);
    await expect(page.getByRole('alert')).toHaveCount(0, { timeout: 1_000 });
  }).toPass({ timeout: 20_000 });
}
