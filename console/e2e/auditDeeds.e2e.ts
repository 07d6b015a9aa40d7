/** What was done to several conversations at once: one line of the audit log, which opens, and in the file an event each. */
import { anonymize, apiAs, pick, saveSettings } from './api';
import { told } from './audit';
import { expect, expectAccessible, expectNoSideScroll, test } from './fixtures';

test('conversations that were anonymized together are one line that opens', async ({ openAs, server }) => {
  const analyst = await apiAs(server, 'analyst');
  const version = await saveSettings(analyst, { mediaFiles: true });
  const picked = await pick(analyst, 3, { mediaStatuses: ['AVAILABLE'] });
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

test('a deed that is longer than a page is told, and counted, as a whole', async ({ openAs, server }) => {
  const analyst = await apiAs(server, 'analyst');
  const version = await saveSettings(analyst, { subjectAndBody: true });
  const picked = await pick(analyst, 30, { isReviewable: true });
  await anonymize(
    analyst,
    picked.map(({ id }) => id),
  );
  const page = await openAs('manager', '/audit?activity=INTERACTION_ANONYMIZE');
  const line = told(page, `Marcus Webb anonymized 30 conversations under settings version ${version}`);
  await expect(line.getByRole('button', { name: '30 events' })).toBeVisible();
  await expect(line).not.toContainText('Only a part');
});

test('what a command did to one conversation after the other is one line, and says where it is a part', async ({ openAs }) => {
  const page = await openAs('manager', '/audit?activity=CONVERSATION_IMPORTED');
  const runs = told(page, /The demo imported \d+ conversations, or changes to them/);
  await expect(runs).toContainText('Only a part');
  await page.getByRole('button', { name: 'Older' }).click();
  await expect(told(page, /The demo imported \d+ conversations/)).toContainText('Only a part');
  await expect(page.getByRole('button', { name: 'Newer' })).toBeEnabled();
});
