/** What stands in the way of anonymizing, and what others do while somebody decides. */
import { deleteMedia, pick, saveSettings } from './api';
import { GONE, NEVER, onMutation, test } from './anonymizing';
import { ask, confirm, dialog, row } from './explorer';
import { expect, expectAccessible, openAs as openIn } from './fixtures';

test('with nothing selected in the settings it leads to the Compliance page', async ({ openAs, api }) => {
  test.slow();
  await saveSettings(api, { participantPhoneNumber: false, participantDigitalAddress: false });
  const [one] = await pick(api, 1);
  const page = await openAs('manager', NEVER);
  await ask(page, [one!.id]);
  await expect(dialog(page).getByRole('alert')).toContainText('The compliance settings select no personal data');
  await expect(dialog(page).getByRole('button', { name: /^Anonymize/ })).toHaveCount(0);
  await expectAccessible(page);
  await dialog(page).getByRole('link', { name: 'Compliance page' }).click();
  await expect(page).toHaveURL('/compliance');
});

test('one that is not there any more blocks, and can be left out', async ({ openAs, api }) => {
  const [one, two] = await pick(api, 2);
  const page = await openAs('manager', NEVER);
  await page.route('**/graphql', async (route) => {
    const body = route.request().postData() ?? '';
    await (body.includes('query AnonymizationPreview')
      ? route.continue({ postData: body.replace(`"${two!.id}"`, `"${GONE}"`) })
      : route.fallback());
  });
  await ask(page, [one!.id, two!.id]);
  await expect(dialog(page).getByRole('alert')).toContainText('Conversation 2 of 2 no longer exists, or you do not have access to it.');
  await dialog(page).getByRole('button', { name: 'Leave out 1 conversation' }).click();
  await confirm(page, 1);
  await expect(dialog(page).getByRole('status')).toContainText('1 conversation anonymized');
});

test('where one fails it is told which, and the others are done', async ({ openAs, api }) => {
  test.slow();
  const [one, two] = await pick(api, 2);
  const page = await openAs('manager', NEVER);
  await onMutation(page, (route) => route.continue({ postData: route.request().postData()!.replace(`"${two!.id}"`, `"${GONE}"`) }));
  await ask(page, [one!.id, two!.id]);
  await confirm(page, 2);
  await expect(dialog(page).getByRole('status')).toContainText('1 conversation anonymized');
  await expect(dialog(page).getByRole('alert')).toContainText('1 conversation could not be anonymized');
  await expect(dialog(page).getByRole('alert')).toContainText(/Conversation of .*: there is no conversation with this id/);
  await expectAccessible(page);
});

test('settings that are saved while one decides change what is asked', async ({ openAs, api }) => {
  const [one, two] = await pick(api, 2);
  const page = await openAs('manager', NEVER);
  await ask(page, [one!.id, two!.id]);
  await dialog(page).getByRole('textbox').fill('2');
  const version = await saveSettings(api, { subjectAndBody: true });
  await expect(dialog(page).getByRole('alert').filter({ hasText: 'Settings changed while this was open' })).toBeVisible();
  await expect(dialog(page)).toContainText(`Version ${version} defines`);
  await expect(dialog(page).getByRole('textbox')).toHaveValue('');
});

test('settings that are saved in the last instant keep it from being done', async ({ openAs, api }) => {
  const [one, two] = await pick(api, 2);
  const page = await openAs('manager', NEVER);
  let first = true;
  await onMutation(page, async (route) => {
    if (first) await saveSettings(api, { subjectAndBody: true });
    first = false;
    await route.continue();
  });
  await ask(page, [one!.id, two!.id]);
  await confirm(page, 2);
  await expect(dialog(page)).toContainText('Nothing has been anonymized yet');
  expect((await pick(api, 100)).map(({ id }) => id)).toContain(one!.id);
  await confirm(page, 2);
  await expect(dialog(page).getByRole('status')).toContainText('2 conversations anonymized');
});

test('what somebody else anonymizes meanwhile is followed by list and dialog, and what the Delete tool deletes', async ({
  openAs,
  api,
  browser,
  server,
  watch,
}) => {
  test.slow();
  await saveSettings(api, { mediaFiles: true });
  const [one, two] = await pick(api, 2, { types: ['SCREEN_RECORDING'], mediaStatuses: ['AVAILABLE'] });
  const page = await openAs('manager', '/conversations?type=CALL');
  await ask(page, [one!.id, two!.id]);
  await expect(dialog(page).getByRole('textbox')).toBeVisible();
  const context = await browser.newContext({ baseURL: server.url });
  const other = await context.newPage();
  watch(other);
  await openIn(other, server, 'analyst', '/conversations?type=CALL');
  await ask(other, [one!.id]);
  await confirm(other, 1);
  await expect(dialog(other).getByRole('status')).toContainText('1 conversation anonymized');
  await expect(dialog(page)).toContainText('A conversation changed while this was open');
  await expect(dialog(page)).toContainText('1 conversation: already anonymized under these settings');
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  await expect(row(page, one!.id)).toContainText('Planned for deletion of media files');
  await deleteMedia(server);
  await expect(row(page, one!.id)).toContainText('Deleted');
  await expect(row(page, one!.id).getByRole('img', { name: 'Screen recording' })).toHaveCount(0);
  await expect(row(page, one!.id).getByRole('img', { name: 'Call', exact: true })).toBeVisible();
  await context.close();
});
