/** What was done to several conversations at once: one line of the audit log, which opens, and in the file an event each. */
import { anonymize, apiAs, pick, saveSettings } from './api';
import { told } from './audit';
import { expect, expectAccessible, expectNoSideScroll, test } from './fixtures';

test('conversations that were anonymized together are one line that opens', async ({ openAs, server }) => {
  const analyst = await apiAs(server, 'analyst');
  const version = await saveSettings(analyst, { mediaFiles: true });
  const picked = await pick(analyst, 3, { mediaStatus: ['AVAILABLE'] });
  await anonymize(
    analyst,
    picked.map(({ id }) => id),
  );
  const page = await openAs('manager', '/audit');
  const line = told(page, `Marcus Webb anonymized 3 conversations under settings version ${version}`);
  await expect(line).toHaveCount(1);
  await expect(told(page, `of 3 conversations under settings version ${version}`).getByRole('button', { name: '3 events' })).toBeVisible();
  const opener = line.getByRole('button', { name: '3 events' });
  await opener.focus();
  await page.keyboard.press('Enter');
  await expect(opener).toHaveAttribute('aria-expanded', 'true');
  await expect(line.getByRole('listitem')).toHaveCount(3);
  await line.getByRole('button', { name: 'Details' }).first().click();
  await expect(line.getByRole('button', { name: 'Only this conversation' })).toBeVisible();
  await expectAccessible(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await expectNoSideScroll(page);
  await line.getByRole('button', { name: 'Only this conversation' }).click();
  await expect(told(page, 'Marcus Webb anonymized a conversation')).toHaveCount(1);
});
