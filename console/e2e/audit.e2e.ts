/** The audit log: what is on record, read page by page, by keyboard, on a small screen, and while the server is away. */
import type { Page } from '@playwright/test';
import { attempt } from './api';
import { events, onRecord, pick, told, yearOf } from './audit';
import { conversationsWithMedia, protect, release } from './deeds';
import { expect, expectAccessible, expectBack, expectNoSideScroll, test } from './fixtures';

test('the log is told in sentences, and leads to the conversations', async ({ openAs, server }) => {
  await onRecord(server, 'a person’s words', 30);
  const page = await openAs('analyst', '/audit');
  const sentence = told(page, `${yearOf(30)}`);
  await expect(sentence).toContainText(/Clara Novak protected \d media files? of a conversation from deletion until .*: Legal claim\./);
  await expect(page.getByRole('main')).not.toContainText('a person’s words');
  await expect(page.getByText(/Times are in \S+/)).toBeVisible();
  await sentence.getByRole('button', { name: 'Details' }).click();
  await expect(sentence).toContainText('demo-manager');
  await expectAccessible(page);
  await sentence.getByRole('link', { name: 'a conversation' }).click();
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('Audit log');
});

test('the log is read page by page, forwards and back', async ({ openAs, server }) => {
  const conversation = (await conversationsWithMedia(server))[38]!;
  for (let year = 2101; year < 2161; year++) await protect(server, 'manager', conversation, '', year); // two pages and more
  await release(server, 'manager', conversation);
  const page = await openAs('manager', '/audit?activity=MEDIA_PROTECTED');
  const time = events(page).first().locator('time');
  const firstOf = async () => {
    await expect(page.getByRole('main').locator('[aria-busy=true]')).toHaveCount(0);
    return time.getAttribute('datetime');
  };
  await expect(events(page).first()).toBeVisible();
  const first = await firstOf();
  await page.getByRole('button', { name: 'Older' }).click();
  await expect(time).not.toHaveAttribute('datetime', first!);
  const second = await firstOf();
  await page.getByRole('button', { name: 'Older' }).click();
  await expect(time).not.toHaveAttribute('datetime', second!);
  await page.getByRole('button', { name: 'Newer' }).click();
  await expect(time).toHaveAttribute('datetime', second!);
  await page.reload();
  await expect(time).toHaveAttribute('datetime', second!);
  await page.getByRole('button', { name: 'Newer' }).click();
  await expect(time).toHaveAttribute('datetime', first!);
  await expect(page.getByRole('button', { name: 'Newest' })).toBeDisabled();
});

test('the keyboard alone does it all', async ({ openAs, server }) => {
  await onRecord(server, 'by keyboard', 37);
  const page = await openAs('manager', '/audit');
  await expect(events(page).first()).toBeVisible();
  await page.getByRole('combobox', { name: 'Time' }).focus();
  await arrowTo(page, 'Last 24 hours');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/period=24h$/);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('combobox', { name: 'Activity' })).toBeFocused();
  await arrowTo(page, 'Media protected');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/period=24h&activity=MEDIA_PROTECTED$/);
  await expect(told(page, 'released')).toHaveCount(0);
  const details = told(page, `${yearOf(37)}`).getByRole('button', { name: 'Details' });
  await tabTo(page, details);
  await page.keyboard.press('Space');
  await expect(details).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Only events of this user' })).toBeFocused();
});

/** arrowTo goes down the list of the field that has the focus, round if need be, to an option. */
async function arrowTo(page: Page, name: string): Promise<void> {
  const reached = page.locator('[role=option][data-combobox-selected]');
  for (let step = 0; step < 20; step++) {
    await page.keyboard.press('ArrowDown');
    await expect(reached).toHaveCount(1);
    if ((await reached.textContent()) === name) return;
  }
  await expect(reached).toHaveText(name);
}

async function tabTo(page: Page, target: ReturnType<Page['locator']>): Promise<void> {
  for (let step = 0; step < 80; step++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  await expect(target).toBeFocused();
}

test('it fits a screen of 360 pixels', async ({ openAs, server }) => {
  await attempt(server, 'agent', 'mutation { resetComplianceSettings { userErrors { message } } }');
  const page = await openAs('manager', '/audit?activity=ACCESS_DENIED&activity=CONVERSATION_IMPORTED');
  await page.setViewportSize({ width: 360, height: 740 });
  await events(page).first().getByRole('button', { name: 'Details' }).click();
  await expect(page.getByText('Role needed')).toBeVisible();
  await expectNoSideScroll(page);
  await expectAccessible(page);
  await pick(page, 'Time', 'From – to');
  await expectNoSideScroll(page);
});

test('a server that is away, or fails, is told; what was read stays', async ({ openAs, allowTrouble }) => {
  allowTrouble(/ERR_FAILED|WebSocket/);
  const page = await openAs('manager', '/audit');
  await expect(events(page).first()).toBeVisible();
  await page.route(/graphql|healthz/, (route) => route.abort());
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(page.getByRole('alert').first()).toContainText('The server cannot be reached');
  await expectAccessible(page);
  await page.unroute(/graphql|healthz/);
  await expectBack(page);
  await expect(events(page).first()).toBeVisible();
});
