/** What tests of the Conversation Explorer do over and over. */
import { expect, type Locator, type Page } from '@playwright/test';

export const grid = (page: Page): Locator => page.getByRole('grid', { name: 'Conversations' });

/** row is the row of one conversation. */
export const row = (page: Page, id: string): Locator => page.locator(`[data-id="${id}"]`);

export const rows = (page: Page): Locator => page.locator('[data-id]');

export const dialog = (page: Page): Locator => page.getByRole('dialog', { name: /^Anonymize/ });

/** settled waits until the table shows what was asked for. */
export async function settled(page: Page): Promise<void> {
  await expect(grid(page)).toHaveAttribute('aria-busy', 'false');
}

export async function select(page: Page, ids: string[]): Promise<void> {
  for (const id of ids) await row(page, id).getByRole('checkbox').click();
  await expect(page.getByRole('region', { name: 'Selected conversations' })).toContainText(`${ids.length} selected`);
}

/** ask selects conversations and opens the dialog. */
export async function ask(page: Page, ids: string[]): Promise<Locator> {
  await select(page, ids);
  await page.getByRole('button', { name: `Anonymize ${ids.length}…` }).click();
  await expect(dialog(page)).toBeVisible();
  return dialog(page);
}

/** confirm takes the deliberate second step, and presses the button. */
export async function confirm(page: Page, count: number): Promise<void> {
  if (count === 1) await dialog(page).getByRole('checkbox').check();
  else await dialog(page).getByRole('textbox').fill(String(count));
  await dialog(page)
    .getByRole('button', { name: /^Anonymize \d/ })
    .click();
}

/** openPage goes from the conversation beside the table to its own page, until that is there: both have the same regions, buttons and players. */
export async function openPage(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Open full page' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Conversation', exact: true })).toBeVisible();
}
