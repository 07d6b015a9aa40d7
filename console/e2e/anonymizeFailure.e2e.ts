/** Anonymizing where the answer is late, is lost, or is an error: it is sent once, and nothing is claimed that is not known. */
import type { Page } from '@playwright/test';
import { pick } from './api';
import { NEVER, onMutation, test } from './anonymizing';
import { ask, confirm, dialog } from './explorer';
import { expect, expectAccessible, tryAgain } from './fixtures';

/** sent counts how often the mutation goes out. */
function sent(page: Page): () => number {
  let times = 0;
  page.on('request', (request) => void (request.postData()?.includes('mutation AnonymizeConversations') && times++));
  return () => times;
}

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
  await expect(dialog(page).getByRole('alert').first()).toContainText('The result is unknown');
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await expect(dialog(page)).toContainText('All conversations are anonymized now. There is nothing left to do.');
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
  await expect(dialog(page)).toContainText('Nothing has been anonymized yet. You can try again.');
  await confirm(page, 2);
  await expect(dialog(page).getByRole('status')).toContainText('2 conversations anonymized');
});

test('while nobody can tell what became of it, the dialog does not tell either', async ({ openAs, api, allowTrouble }) => {
  test.slow();
  allowTrouble(/ERR_FAILED|WebSocket/);
  const [one, two] = await pick(api, 2);
  const page = await openAs('manager', NEVER);
  await ask(page, [one!.id, two!.id]);
  const away = (body: string) => /AnonymizationPreview|AnonymizeConversations/.test(body);
  await page.route('**/graphql', (route) => (away(route.request().postData() ?? '') ? route.abort() : route.fallback()));
  await onMutation(page, async (route) => {
    await route.fetch();
    await route.abort();
  });
  await confirm(page, 2);
  await expect(dialog(page)).toContainText('The result is unknown');
  await expect(dialog(page)).toContainText('This could not be loaded');
  await expect(dialog(page)).not.toContainText(/anonymized (yet|now)/);
  await expect(dialog(page).getByRole('button', { name: /^Anonymize/ })).toHaveCount(0);
  await expectAccessible(page);
  await page.unroute('**/graphql');
  await tryAgain(dialog(page));
  await expect(dialog(page)).toContainText('All conversations are anonymized now');
});

const REQUEST = '0d2c4a1e-request';

/** failing answers as the server does where something goes wrong in it: with no more than the id of the request. */
const failing = {
  status: 200,
  headers: { 'X-Request-Id': REQUEST },
  json: { data: null, errors: [{ message: `something went wrong; the request id is ${REQUEST}`, extensions: { code: 'INTERNAL' } }] },
};

test('a server that fails and has done nothing: the dialog says so, with the id for the log, and one may try again', async ({
  openAs,
  api,
}) => {
  test.slow();
  const [one, two] = await pick(api, 2);
  const page = await openAs('manager', NEVER);
  let first = true;
  await onMutation(page, async (route) => {
    await (first ? route.fulfill(failing) : route.continue());
    first = false;
  });
  await ask(page, [one!.id, two!.id]);
  await confirm(page, 2);
  const alert = dialog(page).getByRole('alert').first();
  await expect(alert).toContainText('The server returned an error');
  await expect(alert).toContainText('Nothing has been anonymized yet. You can try again.');
  await expect(alert).toContainText(`Request ID for your administrator: ${REQUEST}`);
  await expect(dialog(page)).not.toContainText('The result is unknown');
  await expectAccessible(page);
  await confirm(page, 2);
  await expect(dialog(page).getByRole('status')).toContainText('2 conversations anonymized');
});

test('a server that fails after it was done: the dialog finds that out', async ({ openAs, api }) => {
  test.slow();
  const [one] = await pick(api, 1);
  const page = await openAs('manager', NEVER);
  await onMutation(page, async (route) => {
    await route.fetch();
    await route.fulfill(failing);
  });
  await ask(page, [one!.id]);
  await confirm(page, 1);
  await expect(dialog(page).getByRole('alert').first()).toContainText('The conversation is anonymized now. There is nothing left to do.');
  await expect(dialog(page).getByRole('alert').first()).toContainText(REQUEST);
  await expect(dialog(page).getByRole('button', { name: /^Anonymize/ })).toHaveCount(0);
  await expect(dialog(page)).not.toContainText('This cannot be undone');
});

test('a server that runs out of time is not taken for one that refused', async ({ openAs, api }) => {
  test.slow();
  const [one] = await pick(api, 1);
  const page = await openAs('manager', NEVER);
  const message = 'the operation took too long and was stopped; ask for less, such as a smaller page';
  await onMutation(page, async (route) => {
    await route.fetch();
    await route.fulfill({ json: { data: null, errors: [{ message, extensions: { code: 'INVALID' } }] } });
  });
  await ask(page, [one!.id]);
  await confirm(page, 1);
  await expect(dialog(page).getByRole('alert').first()).toContainText('The operation took too long and was stopped');
  await expect(dialog(page).getByRole('alert').first()).toContainText('The conversation is anonymized now');
});
