/**
 * A walk over the whole console as the manager, who may do everything: every page of the table of pages, and every dialog and menu that opens from it.
 * In each of them axe finds nothing, in both themes, and by the fixtures the test fails on any request to another host, anything that the content
 * security policy forbids, and any error in the browser's console.
 *
 * New pages are walked by themselves. So is whatever opens from a button whose name ends with an ellipsis or that says aria-haspopup; what needs
 * something done first, such as conversations to be selected, has a line in PREPARE. Nothing is changed: a mutation fails the test.
 */
import type { Locator, Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { conversationsWithMedia } from './deeds';
import { expect, expectAccessible, test } from './fixtures';

/** The addresses in the table of pages, as it is written. */
const PATHS = [...readFileSync(new URL('../src/app/pages.ts', import.meta.url), 'utf8').matchAll(/\bpath: '([^']+)'/g)].map(
  ([, path]) => path!,
);

/** What brings about more to open. */
const PREPARE: Record<string, (page: Page) => Promise<void>> = {
  '/conversations': async (page) => {
    const boxes = page.getByRole('grid').getByRole('checkbox');
    if ((await boxes.count()) > 1) await boxes.nth(1).check();
  },
};

/** What an opened dialog, menu or list can be. */
const opened = (page: Page) => page.locator('[role=dialog], [role=menu], [role=listbox]').filter({ visible: true });

const openers = (page: Page) =>
  page.getByRole('button', { name: /…$/ }).or(page.locator('[aria-haspopup]:not([aria-haspopup=false])')).filter({ visible: true });

async function loaded(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByRole('status')).toHaveCount(0);
}

/** look opens what a control opens, lets axe see it, and closes it again. */
async function look(page: Page, control: Locator): Promise<void> {
  await control.click();
  await expect(opened(page).first()).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(opened(page)).toHaveCount(0);
}

test('the table of pages is read as it is written', () => expect(PATHS).toContain('/conversations/:id'));

for (const path of PATHS)
  test(`the walk over ${path}`, async ({ openAs, page, server }) => {
    test.setTimeout(120_000);
    const mutations: string[] = [];
    page.on('request', (request) => {
      const body = request.postData() ?? '';
      if (/"query":"\s*mutation/.test(body)) mutations.push(body);
    });
    const id = path.includes(':id') ? (await conversationsWithMedia(server))[40]!.id : '';
    await openAs('manager', path.replace(':id', encodeURIComponent(id)));
    await loaded(page);
    await expectAccessible(page);
    await PREPARE[path]?.(page);
    const count = await openers(page).count();
    expect(count).toBeGreaterThan(1); // the two menus in the header, at least
    for (let place = 0; place < count; place++) {
      const control = openers(page).nth(place);
      if (await control.isEnabled()) await look(page, control);
    }
    expect(mutations).toEqual([]);
  });
