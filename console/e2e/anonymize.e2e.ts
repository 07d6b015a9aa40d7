/** Anonymizing from the table: what the dialog says beforehand, the confirmation, and what comes of it. */
import type { Page } from '@playwright/test';
import { anonymize, apiAs, BASIC, deleteMedia, pick, saveSettings, type Ask } from './api';
import { ask, confirm, dialog, grid, row, rows, settled } from './explorer';
import { expect, expectAccessible, test as base } from './fixtures';

/** Every test starts from settings of its own, and picks conversations that nobody has anonymized. */
const test = base.extend<{ api: Ask }>({
  api: async ({ server }, use) => {
    const api = await apiAs(server, 'manager');
    await saveSettings(api);
    await use(api);
  },
});

const NEVER = '/conversations?anonymized=no';

/** sent counts how often the mutation goes out. */
function sent(page: Page): () => number {
  let times = 0;
  page.on('request', (request) => void (request.postData()?.includes('mutation AnonymizeConversations') && times++));
  return () => times;
}

/** onMutation does something with the request for the deed. */
const onMutation = (page: Page, act: (route: import('@playwright/test').Route) => Promise<void>) =>
  page.route('**/graphql', (route) =>
    route.request().postData()?.includes('mutation AnonymizeConversations') ? act(route) : route.fallback(),
  );

test('several: the dialog says in numbers what will happen, their number confirms it, and the table follows', async ({ openAs, api }) => {
  test.slow();
  const version = await saveSettings(api, { ...BASIC, subjectAndBody: true, mediaFiles: true });
  const picked = await pick(api, 2, { types: ['CALL'], mediaStatus: ['AVAILABLE'] });
  const ids = picked.map(({ id }) => id);
  const page = await openAs('manager', '/conversations?type=CALL&media=AVAILABLE,PLANNED_FOR_DELETION');
  await ask(page, ids);
  await expect(dialog(page)).toContainText('This is for good');
  await expect(dialog(page)).toContainText(/\d+ phone numbers?/);
  await expect(dialog(page)).toContainText(/Deleted\s*[23] call recordings/);
  await expect(dialog(page)).toContainText('2 conversations can no longer be reviewed');
  await expect(dialog(page)).toContainText(`Version ${version} decides`);
  await dialog(page).getByText('Conversation by conversation').click();
  await expect(dialog(page).getByRole('listitem').filter({ hasText: 'no longer reviewable' })).toHaveCount(2);
  await expectAccessible(page);
  const button = dialog(page).getByRole('button', { name: 'Anonymize 2 conversations' });
  for (const wrong of ['', '1', '22', 'two']) {
    await dialog(page).getByRole('textbox').fill(wrong);
    await expect(button).toBeDisabled();
  }
  await confirm(page, 2);
  await expect(dialog(page).getByRole('status')).toContainText('2 conversations anonymized');
  await expect(dialog(page)).toContainText('Recordings of 2 conversations are planned for deletion');
  await settled(page);
  await expectAccessible(page);
  await dialog(page).getByRole('button', { name: 'Close' }).last().click();
  for (const id of ids) {
    await expect(row(page, id)).toContainText('Planned for deletion of media files');
    await expect(
      row(page, id)
        .getByRole('gridcell')
        .filter({ hasText: /^No\s*Anonymized/ }),
    ).toBeVisible();
    await expect(
      row(page, id)
        .getByTitle(/^Removed: a placeholder/)
        .first(),
    ).toBeVisible();
  }
  await expect(page.getByText(/selected/)).toHaveCount(0);
  await expect(page.locator('[data-id]:focus')).toHaveCount(1);
});

test('one: a second step, not a number', async ({ openAs, api }) => {
  const [one] = await pick(api, 1);
  const page = await openAs('analyst', NEVER);
  await ask(page, [one!.id]);
  await expect(dialog(page)).toHaveAccessibleName('Anonymize this conversation?');
  await expect(dialog(page).getByRole('button', { name: 'Anonymize 1 conversation' })).toBeDisabled();
  await confirm(page, 1);
  await expect(dialog(page).getByRole('status')).toContainText('1 conversation anonymized');
  await page.keyboard.press('Enter');
  await expect(dialog(page)).toBeHidden();
  await expect(row(page, one!.id)).toHaveCount(0);
});

test('by keyboard alone, from the filter to the deed', async ({ openAs, api }) => {
  const [one, two] = await pick(api, 2, { types: ['CHAT'] });
  const page = await openAs('manager', '/conversations');
  await page.getByRole('textbox', { name: 'Phone number' }).focus();
  for (
    let at = 0;
    at < 40 && !(await page.getByRole('checkbox', { name: 'Chat', exact: true }).evaluate((box) => box === document.activeElement));
    at++
  )
    await page.keyboard.press('Shift+Tab');
  await page.keyboard.press(' ');
  await expect(page).toHaveURL(/type=CHAT/);
  await settled(page);
  for (let at = 0; at < 40 && (await page.locator('[data-id]:focus').count()) === 0; at++) await page.keyboard.press('Tab');
  while (!(await row(page, one!.id).evaluate((element) => element === document.activeElement))) await page.keyboard.press('ArrowDown');
  await page.keyboard.press(' ');
  while (!(await row(page, two!.id).evaluate((element) => element === document.activeElement))) await page.keyboard.press('ArrowDown');
  await page.keyboard.press(' ');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Clear selection' })).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(dialog(page).getByRole('textbox')).toBeVisible();
  while (
    !(await dialog(page)
      .getByRole('textbox')
      .evaluate((field) => field === document.activeElement))
  )
    await page.keyboard.press('Tab');
  await page.keyboard.type('2');
  await page.keyboard.press('Enter');
  await expect(dialog(page).getByRole('status')).toContainText('2 conversations anonymized');
  await page.keyboard.press('Enter');
  await expect(rows(page).and(page.locator(':focus'))).toHaveCount(1);
  await expect(row(page, one!.id)).toContainText('Anonymized');
});

test('with nothing selected in the settings it leads to the Compliance page', async ({ openAs, api }) => {
  test.slow();
  await saveSettings(api, { participantPhoneNumber: false, participantDigitalAddress: false });
  const [one] = await pick(api, 1);
  const page = await openAs('manager', NEVER);
  await ask(page, [one!.id]);
  await expect(dialog(page).getByRole('alert')).toContainText('The compliance settings select nothing');
  await expect(dialog(page).getByRole('button', { name: /^Anonymize/ })).toHaveCount(0);
  await expectAccessible(page);
  await dialog(page).getByRole('link', { name: 'Compliance page' }).click();
  await expect(page).toHaveURL('/compliance');
});

const GONE = 'Q29udmVyc2F0aW9uOjk5OTk5OTk';

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
  await expect(dialog(page).getByRole('alert')).toContainText('Conversation 2 of 2 does not exist any more, or you may not see it.');
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
  await expect(dialog(page).getByRole('alert')).toContainText(/The conversation of .*: there is no conversation with this id/);
  await expectAccessible(page);
});

test('settings that are saved while one decides change what is asked', async ({ openAs, api }) => {
  const [one, two] = await pick(api, 2);
  const page = await openAs('manager', NEVER);
  await ask(page, [one!.id, two!.id]);
  await dialog(page).getByRole('textbox').fill('2');
  const version = await saveSettings(api, { subjectAndBody: true });
  await expect(dialog(page).getByRole('alert').filter({ hasText: 'The settings were changed meanwhile' })).toBeVisible();
  await expect(dialog(page)).toContainText(`Version ${version} decides`);
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
  await expect(dialog(page)).toContainText('Nothing was anonymized from here');
  expect((await pick(api, 100)).map(({ id }) => id)).toContain(one!.id);
  await confirm(page, 2);
  await expect(dialog(page).getByRole('status')).toContainText('2 conversations anonymized');
});

test('pressed twice it is sent once', async ({ openAs, api }) => {
  const [one, two] = await pick(api, 2);
  const page = await openAs('manager', NEVER);
  const times = sent(page);
  let go = () => undefined as void;
  const held = new Promise<void>((resolve) => (go = resolve));
  await onMutation(page, async (route) => {
    await held;
    await route.continue();
  });
  await ask(page, [one!.id, two!.id]);
  await dialog(page).getByRole('textbox').fill('2');
  // In one go, so that nothing is drawn in between.
  await dialog(page)
    .locator('form')
    .evaluate((form: HTMLFormElement) => {
      form.requestSubmit();
      form.requestSubmit();
    });
  await dialog(page).getByRole('button', { name: 'Anonymize 2 conversations' }).dblclick({ force: true });
  await page.keyboard.press('Escape');
  await expect(dialog(page)).toBeVisible();
  go();
  await expect(dialog(page).getByRole('status')).toContainText('2 conversations anonymized');
  expect(times()).toBe(1);
});

test('a connection that is lost after it was done: the dialog finds out', async ({ openAs, api, allowTrouble }) => {
  test.slow();
  allowTrouble(/ERR_FAILED/);
  const [one, two] = await pick(api, 2);
  const page = await openAs('manager', NEVER);
  await onMutation(page, async (route) => {
    await route.fetch();
    await route.abort();
  });
  await ask(page, [one!.id, two!.id]);
  await confirm(page, 2);
  await expect(dialog(page).getByRole('alert').first()).toContainText('It may have been done, or not');
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await expect(dialog(page)).toContainText('By now all of them are anonymized: there is nothing left to do.');
  await expect(dialog(page).getByRole('button', { name: /^Anonymize/ })).toHaveCount(0);
  await expectAccessible(page);
});

test('a connection that is lost before it was done: one may try again', async ({ openAs, api, allowTrouble }) => {
  allowTrouble(/ERR_FAILED/);
  const [one, two] = await pick(api, 2);
  const page = await openAs('manager', NEVER);
  let first = true;
  await onMutation(page, async (route) => {
    await (first ? route.abort() : route.continue());
    first = false;
  });
  await ask(page, [one!.id, two!.id]);
  await confirm(page, 2);
  await expect(dialog(page)).toContainText('By now nothing has been anonymized. You can try again.');
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
  const [one, two] = await pick(api, 2, { types: ['SCREEN_RECORDING'], mediaStatus: ['AVAILABLE'] });
  const page = await openAs('manager', '/conversations?type=CALL');
  await ask(page, [one!.id, two!.id]);
  await expect(dialog(page).getByRole('textbox')).toBeVisible();
  const context = await browser.newContext({ baseURL: server.url });
  const other = await context.newPage();
  watch(other);
  await other.goto('/conversations?type=CALL');
  await other.getByRole('button', { name: 'Marcus Webb' }).click();
  await ask(other, [one!.id]);
  await confirm(other, 1);
  await expect(dialog(other).getByRole('status')).toContainText('1 conversation anonymized');
  await expect(dialog(page)).toContainText('Something changed meanwhile');
  await expect(dialog(page)).toContainText('1 conversation: anonymized already in all that is switched on');
  await dialog(page).getByRole('button', { name: 'Cancel' }).click();
  await expect(row(page, one!.id)).toContainText('Planned for deletion of media files');
  await deleteMedia(server);
  await expect(row(page, one!.id)).toContainText('Deleted');
  await expect(row(page, one!.id).getByRole('img', { name: 'Screen recording' })).toHaveCount(0);
  await expect(row(page, one!.id).getByRole('img', { name: 'Call', exact: true })).toBeVisible();
  await context.close();
});

test('what is anonymized already is not asked for again', async ({ openAs, api }) => {
  const [one] = await pick(api, 1);
  await anonymize(api, [one!.id]);
  const page = await openAs('manager');
  await expect(grid(page)).toBeVisible();
  await ask(page, [one!.id]);
  await expect(dialog(page)).toContainText('The conversation is anonymized already in all that is switched on');
  await expect(dialog(page).getByRole('button', { name: /^Anonymize/ })).toHaveCount(0);
});

test('on 360 pixels the dialog can be worked with', async ({ openAs, api }) => {
  const [one] = await pick(api, 1);
  const page = await openAs('manager', NEVER);
  await page.setViewportSize({ width: 360, height: 640 });
  await ask(page, [one!.id]);
  await confirm(page, 1);
  await expect(dialog(page).getByRole('status')).toContainText('1 conversation anonymized');
});
