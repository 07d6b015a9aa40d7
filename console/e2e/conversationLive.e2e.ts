/** What others do to a conversation while it is open. */
import { deleteMedia } from './api';
import { anonymize, at, find, importVcon, recording, vconOf } from './conversationDeeds';
import { openPage, row } from './explorer';
import { expect, expectAccessible, openAs as openIn, test } from './fixtures';

const PHONE = '+447700900987';

test('what somebody else anonymizes is gone from every open page at once, and so is what was kept', async ({
  openAs,
  server,
  browser,
  watch,
}) => {
  test.slow();
  const id = await importVcon(server, vconOf({ dialog: [recording(2)] }));
  const page = await openAs('manager', '/conversations');
  await expect(page.getByText(PHONE).first()).toBeVisible(); // and so it is in the memory of this browser
  await row(page, id).getByRole('link').click();
  await openPage(page);
  await expect(page).toHaveURL(at(id));
  await expect(page.getByRole('region', { name: 'Participants' }).getByText(PHONE)).toBeVisible();
  const audio = page.locator('audio');
  await audio.evaluate((element: HTMLAudioElement) => {
    element.muted = true;
    Object.assign(window, { watched: element });
    return element.play();
  });
  const other = await (await browser.newContext()).newPage();
  watch(other);
  await openIn(other, server, 'analyst', at(id));
  await expect(other.getByText(PHONE)).toBeVisible();

  // From now on this browser gets no answer: what is on view afterwards is what it has kept.
  await page.route('**/graphql', (route) =>
    /query Viewer/.test(route.request().postData() ?? '') ? route.fallback() : new Promise(() => undefined),
  );
  await anonymize(server, id, {});
  await expect(page.getByText(PHONE)).toHaveCount(0);
  await expect(audio).toHaveCount(0);
  expect(await page.evaluate(() => (window as unknown as { watched: HTMLAudioElement }).watched)).toBeDefined();
  expect(
    await page.evaluate(() => [
      (window as unknown as { watched: HTMLAudioElement }).watched.paused,
      (window as unknown as { watched: HTMLAudioElement }).watched.src,
    ]),
  ).toEqual([true, '']);
  await page.getByRole('navigation').getByRole('link', { name: 'Conversations' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Conversations');
  expect(await page.content()).not.toContain(PHONE);

  await expect(other.getByText(PHONE)).toHaveCount(0);
  await expect(other.getByRole('region', { name: 'Participants' })).toContainText('[anonphonenumber]');
  await expect(other.getByRole('region', { name: 'Anonymized' })).toContainText('Phone numbers of participants');
  await other.context().close();
});

test('the Delete tool runs while the page is open: the recordings go, the call stays', async ({ openAs, server }) => {
  const { id } = await find(server, '', { types: ['SCREEN_RECORDING'], mediaStatuses: ['AVAILABLE'], isAnonymized: false }, () => true);
  const page = await openAs('manager', at(id));
  const main = page.getByRole('main');
  const badges = main.getByText(/^(Call|Screen recording|E-mail|Chat)$/).and(page.locator('[class*=Badge] *'));
  await expect(badges).toHaveText(['Call', 'Screen recording']);
  await expect(page.locator('audio, video')).toHaveCount(2);
  await anonymize(server, id, { mediaFiles: true });
  await expect(main.getByText('Planned for deletion of media files')).toHaveCount(3); // of the conversation, and of each file
  await expect(main.getByText('Not reviewable. Its content was removed or is planned for deletion.')).toBeVisible();
  await expect(page.locator('audio, video')).toHaveCount(2);
  await expectAccessible(page);
  expect(await deleteMedia(server)).toMatch(/^\d+ media files deleted .* 0 failed, .* 0 left/);
  await expect(main.getByText('Deleted', { exact: true })).toHaveCount(3);
  await expect(page.locator('audio, video')).toHaveCount(0);
  await expect(badges).toHaveText(['Call']);
  await expect(page.getByRole('button', { name: /^Protect/ })).toHaveCount(0);
  await expectAccessible(page);
});
