/** Administration > Compliance: choosing, saving, resetting, and what stands in the way. */
import { expectAccessible, expectNoSideScroll } from './fixtures';
import { expect, saveAs, settingsOf, test } from './settings';

test('what is chosen is seen, listed, saved, and told who saved it', async ({ openAs, server }) => {
  const page = await openAs('manager', '/compliance');
  await expect(page.getByRole('checkbox', { name: 'Participant phone number' })).toBeChecked();
  await expect(page.getByText('E-mail subjects and bodies')).toBeVisible();
  await page.getByRole('checkbox', { name: 'Media files' }).check();
  await page.getByRole('checkbox', { name: 'routing.queue' }).check();
  await page.getByRole('checkbox', { name: 'crm.iban' }).check();
  const basic = page.getByRole('region', { name: 'Basic Data' });
  await expect(basic.getByText('Unsaved: off → on')).toBeVisible();
  await expect(basic.getByText('3 of 4 on')).toBeVisible();
  await expect(basic.getByText('1 unsaved')).toBeVisible();
  await page.getByRole('button', { name: 'Show changes' }).click();
  await expect(page.getByRole('region', { name: 'List of unsaved changes' }).getByRole('listitem')).toHaveText([
    'Media files (Basic Data) off on',
    'routing.queue (Custom Data) off on',
    'crm.iban (Other Data) off on',
  ]);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save 3 changes' }).click();
  await expect(page.getByText(/^Saved as version \d+$/)).toBeVisible();
  await expect(page.getByText(/applies, saved by Clara Novak on/)).toBeVisible();
  expect((await settingsOf(server.url, 'manager')).on).toEqual(expect.arrayContaining(['mediaFiles', 'routing.queue', 'crm.iban']));
  expect((await settingsOf(server.url, 'manager')).staged).toBeNull();
  await page.reload();
  await expect(page.getByRole('checkbox', { name: 'crm.iban' })).toBeChecked();
  await expect(page.getByText('No unsaved changes')).toBeVisible();
});

test('a switch that is moved back is no change', async ({ openAs }) => {
  const page = await openAs('manager', '/compliance');
  await page.getByRole('checkbox', { name: 'Media files' }).check();
  await page.getByRole('checkbox', { name: 'Media files' }).uncheck();
  await expect(page.getByText('No unsaved changes')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save' })).toHaveAttribute('aria-disabled', 'true');
});

test('Reset says what it does, and goes back to what was saved', async ({ openAs, server }) => {
  const page = await openAs('manager', '/compliance');
  await page.getByRole('checkbox', { name: 'Media files' }).check();
  await expect(page.getByText(/^Draft saved/)).toBeVisible();
  await page.getByRole('button', { name: 'Reset' }).click();
  const dialog = page.getByRole('dialog', { name: 'Reset to the saved settings?' });
  await expect(dialog).toContainText('The saved settings do not change');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('checkbox', { name: 'Media files' })).toBeChecked();
  await page.getByRole('button', { name: 'Reset' }).click();
  await dialog.getByRole('button', { name: 'Discard 1 change' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('checkbox', { name: 'Media files' })).not.toBeChecked();
  await expect.poll(async () => (await settingsOf(server.url, 'manager')).staged).toBeNull();
});

test('a correlation key needs a second step', async ({ openAs, server }) => {
  const page = await openAs('manager', '/compliance');
  await page.getByRole('checkbox', { name: 'crm.customerNumber' }).check();
  await expect(page.getByText("later imports can't be merged")).toBeVisible();
  await page.getByRole('button', { name: 'Save 1 change' }).click();
  const dialog = page.getByRole('dialog', { name: 'Anonymize a correlation key?' });
  await expect(dialog).toContainText(/\d+ stored conversations were merged by it/);
  await expect(dialog).not.toContainText('allowCorrelationKeys');
  await expectAccessible(page);
  await expect(dialog.getByRole('button', { name: 'Save anyway' })).toBeDisabled();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  expect((await settingsOf(server.url, 'manager')).on).not.toContain('crm.customerNumber');
  await expect(page.getByText('1 unsaved change')).toBeVisible();
  await page.getByRole('button', { name: 'Save 1 change' }).click();
  await dialog.getByRole('checkbox').check();
  await dialog.getByRole('button', { name: 'Save anyway' }).click();
  await expect(page.getByText(/^Saved as version/)).toBeVisible();
  expect((await settingsOf(server.url, 'manager')).on).toContain('crm.customerNumber');
});

test('in a long list one searches, and selects what is shown', async ({ openAs }) => {
  const page = await openAs('manager', '/compliance');
  const other = page.getByRole('region', { name: 'Other Data' });
  await other.getByRole('searchbox').fill('CRM.');
  await expect(other.getByRole('checkbox')).toHaveCount(5);
  await expect(other.getByText(/^5 of \d+ keys found$/)).toBeVisible();
  await other.getByRole('button', { name: 'Select all shown in Other Data' }).click();
  await expect(other.getByText(/^4 of \d+ on$/)).toBeVisible();
  await expect(other.getByRole('checkbox', { name: 'crm.customerNumber' })).not.toBeChecked();
  await expect(other.getByText('“Select all” skips correlation keys')).toBeVisible();
  await other.getByRole('searchbox').fill('crm.iban');
  await other.getByRole('button', { name: 'Select none shown in Other Data' }).click();
  await other.getByRole('searchbox').fill('nothing is called so');
  await expect(other.getByText(/^0 of \d+ keys found$/)).toBeVisible();
  await other.getByRole('searchbox').clear();
  await expect(other.getByText('3 unsaved')).toBeVisible();
  await expect(other.getByRole('checkbox', { name: 'crm.iban' })).not.toBeChecked();
  await expectAccessible(page);
});

test('with everything off it says that nothing can be anonymized', async ({ openAs, server }) => {
  await saveAs(server.url, 'manager', { basicData: { participantPhoneNumber: false } });
  const page = await openAs('analyst', '/compliance');
  await page.getByRole('checkbox', { name: 'Participant e-mail' }).uncheck();
  await expect(page.getByText('If you save this, nothing can be anonymized')).toBeVisible();
  await page.getByRole('button', { name: 'Save 1 change' }).click();
  await expect(page.getByText('Nothing can be anonymized until you turn on an item and save.')).toBeVisible();
  await expectAccessible(page);
});

test('it works on a screen of 360 pixels', async ({ openAs }) => {
  const page = await openAs('manager', '/compliance');
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole('checkbox', { name: 'crm.customerNumber' }).check();
  await expectNoSideScroll(page);
  await page.getByRole('button', { name: 'Save 1 change' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectNoSideScroll(page);
  await expectAccessible(page);
});

for (const person of ['supervisor', 'agent'] as const) {
  test(`the ${person} is told what is needed`, async ({ openAs }) => {
    const page = await openAs(person, '/compliance');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText("You don't have access to this page");
    await expect(page.getByRole('main')).toContainText('INTERACTION_ANONYMIZE');
  });
}

test('a save whose answer gets lost is told as that, and repeated without harm', async ({ openAs, allowTrouble, server }) => {
  allowTrouble(/ERR_FAILED|ERR_CONNECTION/);
  const page = await openAs('manager', '/compliance');
  await page.getByRole('checkbox', { name: 'Media files' }).check();
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes('SaveCompliance')) return route.fallback();
    await route.fetch();
    await route.abort();
  });
  await page.getByRole('button', { name: 'Save 1 change' }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'The save was not confirmed' })).toBeVisible();
  await page.unroute('**/graphql');
  await expect(page.getByRole('checkbox', { name: 'Media files' })).toBeChecked();
  await expect(page.getByText('No unsaved changes')).toBeVisible(); // the server's own word that it was saved
  expect((await settingsOf(server.url, 'manager')).on).toContain('mediaFiles');
});
