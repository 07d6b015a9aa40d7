/** What the other tests rely on: that axe, as they run it, finds what is wrong. */
import { violations } from './accessible';
import { expect, test } from './fixtures';

/** Faults of several kinds; the last text is hard to read in the dark theme alone. */
const FAULTS = `
  <img src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=">
  <button></button>
  <input type="text">
  <div role="checkbox">a box that is neither named nor in a state</div>
  <p id="faint">a text too faint to be read</p>
  <p id="dark">a text too dark to be read in the dark</p>`;

test('faults are found, in the theme that they are in', async ({ openAs }) => {
  const page = await openAs('manager', '/audit');
  await expect(page.getByRole('main').getByRole('listitem').first()).toBeVisible();
  await page.evaluate((faults) => {
    document.querySelector('main')!.insertAdjacentHTML('beforeend', faults);
    document.getElementById('faint')!.style.color = 'light-dark(#ccc, #444)';
    document.getElementById('dark')!.style.color = '#111';
  }, FAULTS);
  const rules = async (theme: 'light' | 'dark') => (await violations(page, theme)).map((line) => line.split(': ')[1]);
  expect(await rules('light')).toEqual(['aria-required-attr', 'button-name', 'color-contrast', 'image-alt', 'label']);
  expect(await violations(page, 'dark')).toEqual([expect.stringMatching(/^dark: color-contrast: .*id="faint".*id="dark"/)]);
});
