/**
 * The pictures of the README, in docs/screenshots: `npm run build && npm run screenshots`, or `npm run screenshots -- -g audit` for some.
 *
 * Each picture is one entry of PICTURES: the address, and what to do there until it is worth a picture. The pages are found by address, role and name
 * alone. Where a page has changed, change its entry: `at` is the address, `until` brings it about. What there is to see was done before, by before().
 * The same demo gives the same pictures but for its dates, which end today.
 */
import type { Page } from '@playwright/test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { anonymize, apiAs } from './api';
import { conversationsWithMedia, protect, switchBasicData } from './deeds';
import { expect, test } from './fixtures';
import { smaller } from './png';
import type { Server } from './server';

const FOLDER = join(import.meta.dirname, '../../docs/screenshots');
const LARGEST = 150_000;

interface Picture {
  at: (server: Server) => Promise<string> | string;
  until: (page: Page) => Promise<void>;
}

const loaded = async (page: Page) => {
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByRole('status')).toHaveCount(0);
};

/** withScreen is the newest conversation of which the screen was recorded, too. */
const withScreen = async (server: Server) =>
  (await conversationsWithMedia(server)).find(({ types }) => types.includes('SCREEN_RECORDING'))!;

const PICTURES: Record<string, Picture> = {
  explorer: {
    at: () => '/conversations',
    until: async (page) => {
      await expect(page.getByRole('grid').getByRole('row').nth(5)).toBeVisible();
    },
  },
  conversation: {
    at: async (server) => `/conversations/${encodeURIComponent((await withScreen(server)).id)}`,
    until: loaded,
  },
  anonymize: {
    at: () => '/conversations',
    until: async (page) => {
      const boxes = page.getByRole('grid').getByRole('checkbox');
      await expect(boxes.nth(3)).toBeVisible();
      for (const place of [1, 2, 3]) await boxes.nth(place).check();
      await page
        .getByRole('button', { name: /^Anonymize/ })
        .first()
        .click();
      const dialog = page.getByRole('dialog');
      await expect(dialog.getByRole('button', { name: /^Anonymize/ })).toBeVisible();
      await expect(dialog.getByRole('status')).toHaveCount(0);
    },
  },
  compliance: { at: () => '/compliance', until: loaded },
  audit: {
    at: () => '/audit',
    until: async (page) => {
      await expect(page.getByRole('main').getByRole('listitem').nth(8)).toBeVisible();
    },
  },
};

let done: Promise<void> | undefined;

/** before does what the pictures show, once: a day in a contact centre, of which somebody is refused something. */
const before = (server: Server) => (done ??= live(server));

async function live(server: Server): Promise<void> {
  const all = await conversationsWithMedia(server);
  await protect(server, 'analyst', all[3]!, 'MiFID: an order was taken by telephone');
  await switchBasicData(server, 'manager', { mediaFiles: true });
  await anonymize(await apiAs(server, 'analyst'), [all[3]!.id, all[1]!.id, all[4]!.id]);
  await expect(anonymize(await apiAs(server, 'agent'), [all[5]!.id])).rejects.toThrow('FORBIDDEN');
}

for (const [name, { at, until }] of Object.entries(PICTURES))
  for (const colorScheme of ['light', 'dark'] as const)
    test(`${name}-${colorScheme}`, async ({ openAs, page, server }) => {
      await before(server);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await openAs('manager', await at(server));
      await until(page);
      await page.evaluate(() => document.fonts.ready);
      await page.mouse.move(0, 0);
      const picture = smaller(await page.screenshot({ caret: 'hide', animations: 'disabled' }));
      expect(picture.length, `${name}-${colorScheme}.png is too large`).toBeLessThan(LARGEST);
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(join(FOLDER, `${name}-${colorScheme}.png`), picture);
    });
