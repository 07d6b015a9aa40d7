/** What the first page weighs: all JavaScript that the browser fetches until the first list of conversations is on view, gzipped. */
import { gzipSync } from 'node:zlib';
import { basename } from 'node:path';
import { expect, test } from './fixtures';

/** For bench/RESULTS.md and the rules of the house: beyond it, load what is heavy when it is needed. */
const MOST_BYTES = 250_000;

test('the first page loads less than 250 kB of JavaScript', async ({ page, openAs }, info) => {
  const scripts: Promise<[string, number]>[] = [];
  page.on('response', (response) => {
    if (response.request().resourceType() !== 'script') return;
    scripts.push(response.body().then((body) => [basename(response.url()), gzipSync(body, { level: 9 }).length]));
  });
  await openAs('manager');
  await expect(page.getByRole('grid').getByRole('row').nth(1)).toBeVisible();
  const sizes = (await Promise.all(scripts)).sort(([, one], [, other]) => other - one);
  const sum = sizes.reduce((total, [, size]) => total + size, 0);
  const figure = `first page: ${(sum / 1000).toFixed(1)} kB of JavaScript, gzipped, in ${sizes.length} files`;
  console.log(`${figure} (${sizes.map(([name, size]) => `${name} ${(size / 1000).toFixed(1)}`).join(', ')})`);
  info.annotations.push({ type: 'weight', description: figure });
  expect(sizes.length).toBeGreaterThan(1);
  expect(sum, figure).toBeLessThan(MOST_BYTES);
});
