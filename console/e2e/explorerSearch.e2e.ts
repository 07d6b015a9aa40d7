/** The search in personal data: it works, and stays in the page's memory. */
import type { Page } from '@playwright/test';
import { apiAs, pick, total } from './api';
import { rows } from './explorer';
import { expect, expectAccessible, test } from './fixtures';

/** kept is all that the browser keeps beyond the page: the address, the history, storage. */
const kept = (page: Page) =>
  page.evaluate(
    () => decodeURIComponent(location.href) + JSON.stringify([history.state, { ...localStorage }, { ...sessionStorage }]) + document.cookie,
  );

test('a phone number is found by its digits, and stands nowhere but in the page', async ({ openAs, server }) => {
  const ask = await apiAs(server, 'manager');
  const phone = (await pick(ask, 20, { types: ['CALL'] })).flatMap((one) => one.participants).find((one) => one.phoneNumber)!.phoneNumber!;
  const digits = phone.replace(/\D/g, '').slice(-7);
  const page = await openAs('manager');
  await page.getByRole('textbox', { name: 'Phone number' }).fill(digits);
  await page.getByRole('textbox', { name: 'Phone number' }).press('Enter');
  const found = await total(ask, { participantPhoneNumber: digits });
  await expect(page.getByText(found === 1 ? '1 conversation' : `${found} conversations`, { exact: true })).toBeVisible();
  await expect(rows(page).first()).toContainText(phone);
  expect(await kept(page)).not.toContain(digits);
  await page.getByRole('link', { name: 'Audit log' }).click();
  await page.getByRole('link', { name: 'Conversations' }).click();
  await expect(page.getByRole('button', { name: `Remove the filter Phone number: ${digits}` })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Phone number' })).toHaveValue(digits);
  await page.reload();
  await expect(rows(page)).toHaveCount(25);
  await expect(page.getByRole('textbox', { name: 'Phone number' })).toHaveValue('');
});

test('addresses and metadata are found, several at once, and taken away one by one', async ({ openAs, server }) => {
  test.slow(); // axe takes its time with a table
  const ask = await apiAs(server, 'manager');
  const page = await openAs('manager');
  await page.getByRole('textbox', { name: 'E-mail, IP or chat handle' }).fill('Lind@contact');
  await page.getByLabel('Metadata', { exact: true }).selectOption('routing.language');
  await page.getByLabel('Exact value').fill('en');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  const address = { participantDigitalAddress: 'lind@contact' };
  const metadata = { metadata: [{ key: 'routing.language', value: 'en' }] };
  await expect(page.getByText(`${await total(ask, { ...address, ...metadata })} conversations`, { exact: true })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Remove the filter Address: Lind@contact' }).click();
  await expect(page.getByText(`${await total(ask, metadata)} conversations`, { exact: true })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'E-mail, IP or chat handle' })).toHaveValue('');
  expect(await kept(page)).not.toMatch(/lind@contact|routing\.language/i);
});

test('what the server could not search for is said before it is asked', async ({ openAs }) => {
  test.slow(); // axe takes its time with a table
  const page = await openAs('manager');
  await page.getByRole('textbox', { name: 'Phone number' }).fill('+1 2');
  await page.getByRole('textbox', { name: 'E-mail, IP or chat handle' }).fill('@.a');
  await page.getByRole('button', { name: 'Search', exact: true }).click();
  await expect(page.getByText('Enter at least 3 digits')).toBeVisible();
  await expect(page.getByText('Enter at least 3 characters, including 2 letters or digits')).toBeVisible();
  await expect(rows(page)).toHaveCount(25);
  await expectAccessible(page);
});

test('another person in the same tab finds nothing of the search', async ({ openAs, page }) => {
  await openAs('manager');
  await page.getByRole('textbox', { name: 'Phone number' }).fill('4477');
  await page.getByRole('textbox', { name: 'Phone number' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Remove the filter Phone number: 4477' })).toBeVisible();
  await page.getByRole('button', { name: 'Signed in as Clara Novak' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Marcus Webb' }).click();
  await expect(rows(page)).toHaveCount(25);
  await expect(page.getByRole('textbox', { name: 'Phone number' })).toHaveValue('');
});
