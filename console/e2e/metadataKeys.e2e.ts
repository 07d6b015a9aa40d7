/** Administration > Metadata keys: which keys are filters, which join conversations, and the guards around them. */
import type { Page } from '@playwright/test';
import { expectAccessible, expectNoSideScroll } from './fixtures';
import { ask } from './api';
import { configure, expect, saveAs, test } from './settings';

const row = (page: Page, key: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: key }) });
const isOf = async (url: string, key: string) => {
  type Key = { key: string; isFilterKey: boolean; isCorrelationKey: boolean };
  const { metadataKeys } = await ask<{ metadataKeys: Key[] }>({ url }, 'manager', '{ metadataKeys { key isFilterKey isCorrelationKey } }');
  return metadataKeys.find((known) => known.key === key);
};

test('a key becomes a filter, seen at once by somebody else, on both pages', async ({ openAs, openBeside, server }) => {
  const page = await openAs('manager', '/metadata-keys');
  const other = await openBeside('analyst', '/compliance');
  const custom = other.getByRole('region', { name: 'Custom Data' });
  await other.getByRole('checkbox', { name: 'case.tags' }).check();
  await expect(custom.getByRole('checkbox', { name: 'case.tags' })).toHaveCount(0);
  await page.getByRole('switch', { name: 'case.tags: filter' }).click();
  await expect(page.getByRole('switch', { name: 'case.tags: filter' })).toBeChecked();
  expect(await isOf(server.url, 'case.tags')).toMatchObject({ isFilterKey: true, isCorrelationKey: false });
  await expect(custom.getByRole('checkbox', { name: 'case.tags' })).toBeChecked(); // moved, with the unsaved change
  await expect(other.getByText('1 unsaved change')).toBeVisible();
});

test('who does not administer sees it all, and changes nothing', async ({ openAs, server }) => {
  await saveAs(server.url, 'manager', { otherData: [{ key: 'case.tags', isAnonymized: true }] });
  const page = await openAs('analyst', '/metadata-keys');
  await expect(row(page, 'case.tags').getByRole('cell')).toHaveText(['no', 'no', 'yes', /\d{4}/]);
  await expect(row(page, 'crm.customerNumber').getByRole('cell')).toHaveText(['no', 'yes', 'no', /\d{4}/]);
  await expect(page.getByRole('switch')).toHaveCount(0);
  await expect(page.getByText('you need the role EDIT_ADMIN_SETTING')).toBeVisible();
  await expectAccessible(page);
  await configure(server.url, { key: 'crm.iban', isFilterKey: true });
  await expect(row(page, 'crm.iban').getByRole('cell').first()).toHaveText('yes'); // told, not asked
});

for (const person of ['supervisor', 'agent'] as const) {
  test(`the ${person} is told what is needed`, async ({ openAs }) => {
    const page = await openAs(person, '/metadata-keys');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText("You don't have access to this page");
    await expect(page.getByRole('main')).toContainText('the role EDIT_ADMIN_SETTING');
    await expectAccessible(page);
  });
}

test('before a key joins conversations one is asked, and may think better of it', async ({ openAs, server }) => {
  const page = await openAs('manager', '/metadata-keys');
  const toggle = page.getByRole('switch', { name: 'crm.contractId: correlation key' });
  await toggle.click();
  const dialog = page.getByRole('dialog', { name: 'Make crm.contractId a correlation key?' });
  await expect(dialog).toContainText('imported conversations are merged with those that have the same value');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(toggle).not.toBeChecked();
  await expect(toggle).toBeFocused();
  await toggle.press('Space');
  await dialog.getByRole('button', { name: 'Make it a correlation key' }).click();
  await expect(toggle).toBeChecked();
  expect(await isOf(server.url, 'crm.contractId')).toMatchObject({ isCorrelationKey: true });
  await toggle.click();
  await expect(toggle).not.toBeChecked();
});

test('a key whose values are anonymized is guarded a second time', async ({ openAs, server }) => {
  await saveAs(server.url, 'manager', { otherData: [{ key: 'crm.iban', isAnonymized: true }] });
  const page = await openAs('manager', '/metadata-keys');
  await page.getByRole('switch', { name: 'crm.iban: correlation key' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('This key is on in the compliance settings');
  await dialog.getByRole('button', { name: 'Make it a correlation key' }).click();
  await expect(dialog.getByRole('alert')).toContainText('The values of "crm.iban" are anonymized, and anonymized values never match');
  await expect(dialog).not.toContainText('allowAnonymized');
  await expectAccessible(page);
  expect(await isOf(server.url, 'crm.iban')).toMatchObject({ isCorrelationKey: false });
  await expect(dialog.getByRole('button', { name: 'Make it a correlation key anyway' })).toBeDisabled();
  await dialog.getByRole('checkbox').check();
  await dialog.getByRole('button', { name: 'Make it a correlation key anyway' }).click();
  await expect(page.getByRole('switch', { name: 'crm.iban: correlation key' })).toBeChecked();
  expect(await isOf(server.url, 'crm.iban')).toMatchObject({ isCorrelationKey: true });
});

test('what goes wrong stands beside the key', async ({ openAs, page, allowTrouble }) => {
  allowTrouble(/ERR_FAILED|ERR_CONNECTION/);
  await openAs('manager', '/metadata-keys');
  await expect(row(page, 'case.tags')).toBeVisible();
  await page.route('**/graphql', (route) =>
    route.request().postData()?.includes('ConfigureMetadataKey') ? route.abort() : route.fallback(),
  );
  await page.getByRole('switch', { name: 'case.tags: filter' }).click();
  await expect(row(page, 'case.tags').getByRole('alert')).toHaveText('This was not confirmed. The server cannot be reached.');
  await expect(page.getByRole('switch', { name: 'case.tags: filter' })).not.toBeChecked();
});

test('many keys are searched, narrowed and paged', async ({ openAs, server }) => {
  await importKeys(server.url, 60);
  const page = await openAs('manager', '/metadata-keys');
  await expect(page.getByRole('rowheader')).toHaveCount(25);
  await page.getByRole('button', { name: 'Next page' }).click();
  await expect(page.getByText('75 keys, 26 to 50 shown')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Page 2' })).toHaveAttribute('aria-current', 'page');
  await expectAccessible(page);
  await page.getByRole('searchbox').fill('many.key5');
  await expect(page.getByText('10 of 75 keys found')).toBeVisible();
  await expect(page.getByRole('rowheader')).toHaveCount(10);
  await page.getByRole('searchbox').fill('nothing is called so');
  await expect(page.getByText('No matching keys')).toBeVisible();
  await page.getByRole('searchbox').clear();
  await page.getByText('Correlation keys', { exact: true }).click();
  await expect(page.getByRole('rowheader')).toHaveText(/crm.customerNumber/);
});

test('the list works on a screen of 360 pixels', async ({ openAs }) => {
  const page = await openAs('manager', '/metadata-keys');
  await page.setViewportSize({ width: 360, height: 740 });
  await expect(page.getByRole('switch').first()).toBeVisible();
  await expectNoSideScroll(page);
  await expectAccessible(page);
});

/** importKeys imports a conversation with many metadata keys. */
async function importKeys(url: string, count: number): Promise<void> {
  const token = await fetch(`${url}/demo/token?as=manager`, { method: 'POST' });
  const { accessToken } = (await token.json()) as { accessToken: string };
  const at = '2026-03-01T09:30:00Z';
  const body = Object.fromEntries(Array.from({ length: count }, (_, key) => [`key${String(key).padStart(2, '0')}`, key]));
  const vcon = {
    vcon: '0.4.0',
    uuid: '01991c6e-0000-8000-8000-00000000c0de',
    created_at: at,
    parties: [{ name: 'Ada' }],
    dialog: [{ type: 'text', start: at, parties: [0], mediatype: 'text/plain', encoding: 'none', body: 'Hello' }],
    attachments: [{ type: 'many', purpose: 'many', start: at, party: 0, dialog: 0, mediatype: 'application/json', encoding: 'json', body }],
  };
  const headers = { Authorization: `Bearer ${accessToken}`, 'Content-Type': 'application/json' };
  const answer = await fetch(`${url}/import`, { method: 'POST', headers, body: JSON.stringify(vcon) });
  expect(await answer.text()).toContain('"added":1');
}
