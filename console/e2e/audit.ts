/** What the tests of the audit log have in common. */
import type { Browser, Page } from '@playwright/test';
import { conversationsWithMedia, protect, release } from './deeds';
import { expect, openAs, type Person } from './fixtures';
import type { Server } from './server';

export const events = (page: Page) => page.getByRole('main').getByRole('listitem');
export const told = (page: Page, text: string | RegExp) => events(page).filter({ hasText: text });

/** pick chooses an option of one of the filters. */
export async function pick(page: Page, label: string, option: string): Promise<void> {
  const box = page.getByRole('combobox', { name: label });
  if ((await box.getAttribute('aria-expanded')) !== 'true') await box.click(); // one that takes several stays open
  await page.getByRole('option', { name: option, exact: true }).click();
}

/** Each test protects the recording of a conversation of its own, until a year that only it has, and releases it again. */
export async function onRecord(server: Server, note: string, at: number): Promise<void> {
  const conversation = (await conversationsWithMedia(server))[at]!;
  await protect(server, 'manager', conversation, note, yearOf(at));
  await release(server, 'analyst', conversation);
}

/** yearOf is the year by which the event of a test is found. */
export const yearOf = (at: number) => 2030 + at;

/** opened is another browser in which somebody has the log open. */
export async function opened(browser: Browser, server: Server, watch: (page: Page) => void, person: Person, search: string): Promise<Page> {
  const context = await browser.newContext({ baseURL: server.url, reducedMotion: 'reduce' });
  const page = await context.newPage();
  watch(page);
  await openAs(page, server, person, `/audit${search}`);
  await expect(page.getByRole('heading', { level: 1, name: 'Audit log' })).toBeVisible();
  return page;
}
