/** What axe finds on a page. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/**
 * expectAccessible finds nothing that axe objects to, in the light and in the dark theme. Where a dialog is open it looks at that alone: what stands behind it is out of reach,
 * and was looked at without it.
 */
export async function expectAccessible(page: Page): Promise<void> {
  for (const theme of ['light', 'dark'] as const) expect(await violations(page, theme)).toEqual([]);
}

/** violations are what axe objects to in a theme; in the dark one it looks at the contrast of colours alone, since all else is the same in both. */
export async function violations(page: Page, theme: 'light' | 'dark'): Promise<string[]> {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', theme);
  await finishTransitions(page);
  // Legacy mode leaves out frames of other origins, which the console has none of, and a second page that axe opens otherwise for every run.
  const axeSource = (await page.evaluate('"axe" in window')) ? '0' : undefined; // once in each page: it is long
  const axe = new AxeBuilder({ page, axeSource }).setLegacyMode(true).options({ resultTypes: ['violations'] });
  if ((await page.locator('[role=dialog]').filter({ visible: true }).count()) > 0) axe.include('[role=dialog]');
  if (theme === 'dark') axe.withRules(['color-contrast']);
  const found = await axe.analyze();
  return found.violations.map(({ id, nodes }) => `${theme}: ${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
}

/** finishTransitions brings every transition and animation to its end, those alone that never end left out: axe would measure colours on their way from one theme to the other. */
const finishTransitions = (page: Page): Promise<void> =>
  page.evaluate(() => {
    for (const animation of document.getAnimations()) if (animation.effect?.getComputedTiming().endTime !== Infinity) animation.finish();
  });
