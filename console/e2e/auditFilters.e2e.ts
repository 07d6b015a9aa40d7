/** What narrows the audit log, and what of that stands in the address. */
import { events, onRecord, opened, pick, told, yearOf } from './audit';
import { expect, expectAccessible, test } from './fixtures';

test('filters narrow the log, stand in the address, and can be passed on', async ({ openAs, server, browser, watch }) => {
  await onRecord(server, 'filtered', 31);
  const page = await openAs('manager', '/audit');
  await pick(page, 'Activity', 'Media protected');
  await pick(page, 'Activity', 'Media released');
  await page.keyboard.press('Escape');
  await expect(told(page, /imported|anonymized|switched/)).toHaveCount(0);
  await expect(told(page, `${yearOf(31)}`)).toHaveCount(1);
  await page.getByText('Succeeded', { exact: true }).click();
  await pick(page, 'Time', 'Last 24 hours');
  await expect(page).toHaveURL(/\/audit\?period=24h&activity=MEDIA_PROTECTED&activity=MEDIA_RELEASED&result=SUCCESS$/);
  await expectAccessible(page);

  const other = await opened(browser, server, watch, 'analyst', new URL(page.url()).search);
  await expect(other.getByRole('radio', { name: 'Succeeded', exact: true })).toBeChecked();
  await expect(told(other, `${yearOf(31)}`)).toHaveCount(1);
  await expect(told(other, /imported|anonymized|switched/)).toHaveCount(0);
  await other.context().close();

  await page.getByText('Refused or failed', { exact: true }).click();
  await expect(page.getByText('No matching events')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Clear the filters' }).first().click();
  await expect(page).toHaveURL(/\/audit$/);
  await page.goBack();
  await expect(page.getByText('No matching events')).toBeVisible();
});

test('the user is a filter that no address and no storage has', async ({ openAs, server }) => {
  await onRecord(server, 'by whom', 32);
  const page = await openAs('manager', '/audit');
  await told(page, `${yearOf(32)}`)
    .getByRole('button', { name: 'Details' })
    .click();
  await told(page, `${yearOf(32)}`)
    .getByRole('button', { name: 'Only events of this user' })
    .click();
  await expect(told(page, /Demo data|Marcus Webb/)).toHaveCount(0);
  await expect(told(page, 'Clara Novak').first()).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'User' })).toHaveValue('Clara Novak');
  await pick(page, 'User', 'Marcus Webb');
  await expect(told(page, 'Marcus Webb released').first()).toBeVisible();
  await expect(told(page, 'Clara Novak')).toHaveCount(0);
  expect(page.url()).toMatch(/\/audit$/);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, history.state]));
  expect(kept).not.toMatch(/Marcus|demo-analyst/);

  // It is there again when one comes back from a conversation, and not after a reload.
  await events(page).getByRole('link', { name: 'a conversation' }).first().click();
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('Audit log');
  await page.goBack();
  await expect(page.getByRole('combobox', { name: 'User' })).toHaveValue('Marcus Webb');
  await page.reload();
  await expect(page.getByRole('combobox', { name: 'User' })).toHaveValue('');
  await page.getByRole('combobox', { name: 'User' }).fill('nobody-has-this-id');
  await page.getByRole('option', { name: 'User ID nobody-has-this-id' }).click();
  await expect(page.getByText('No matching events')).toBeVisible();
});

test('one conversation can be followed', async ({ openAs, server }) => {
  await onRecord(server, 'followed', 33);
  await onRecord(server, 'of another conversation', 39);
  const page = await openAs('manager', '/audit');
  await told(page, `${yearOf(33)}`)
    .getByRole('button', { name: 'Details' })
    .click();
  await told(page, `${yearOf(33)}`)
    .getByRole('button', { name: 'Only this conversation' })
    .click();
  await expect(page).toHaveURL(/\/audit\?conversation=\w+$/);
  await expect(events(page).filter({ has: page.getByText(/released|protected|imported/) })).toHaveCount(3);
  await expect(told(page, `${yearOf(39)}`)).toHaveCount(0);
  await page.getByRole('button', { name: 'Show events of all conversations' }).click();
  await expect(page).toHaveURL(/\/audit$/);
  await expect(told(page, `${yearOf(39)}`)).toBeVisible();
});

test('a period has two ends, and they are in order', async ({ openAs }) => {
  const page = await openAs('manager', '/audit');
  await pick(page, 'Time', 'From – to');
  await page.getByLabel(/^From/).fill('2020-03-02T10:00');
  await page.getByLabel(/^To/).fill('2020-03-01T10:00');
  await page.keyboard.press('Enter');
  await expect(page.getByText('Choose a time after the start.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Download CSV' })).toBeDisabled();
  await expectAccessible(page);
  await page.getByLabel(/^To/).fill('2020-03-03T10:00');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/period=custom&from=2020-03-0\dT.*&to=2020-03-0\dT/);
  await expect(page.getByText('No matching events')).toBeVisible();
  await page.getByLabel(/^From/).fill('2020-03-02T11:00');
  await page.getByLabel(/^To/).fill(''); // leaves the other field, and ends nowhere
  await page.keyboard.press('Enter');
  await expect(events(page).first()).toBeVisible();
});

test('what an address has that means nothing is told', async ({ openAs }) => {
  const page = await openAs('manager', '/audit?activity=DANCING');
  await expect(page.getByRole('alert')).toContainText('Part of this link is not valid');
  await expect(events(page).first()).toBeVisible();
});
