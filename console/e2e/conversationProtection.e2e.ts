/** Recordings that must be kept: protected, shown so, and released. */
import type { Page } from '@playwright/test';
import { ask } from './api';
import { anonymize, at, find, importVcon, recording, vconOf } from './conversationDeeds';
import { release } from './deeds';
import { expect, expectAccessible, expectNoSideScroll, openAs as openIn, test } from './fixtures';

const call = (server: Parameters<typeof importVcon>[0]) => importVcon(server, vconOf({ dialog: [recording(1)] }));

test('protecting takes a reason and, if any, a note and an end that is to come', async ({ openAs, server }) => {
  const page = await openAs('analyst', at(await call(server)));
  await page.getByRole('button', { name: 'Protect call recording' }).click();
  const dialog = page.getByRole('dialog', { name: 'Protect the call recording' });
  const [reason, note, until, protect] = [
    dialog.getByLabel('Reason'),
    dialog.getByLabel('Note'),
    dialog.getByLabel('Keep until'),
    dialog.getByRole('button', { name: 'Protect' }),
  ];
  await expect(reason).toBeFocused();
  await until.fill('2020-01-01');
  await protect.click();
  await expect(reason).toHaveAccessibleDescription(/Choose a reason\./);
  await expect(until).toHaveAccessibleDescription(/Choose a future date/);
  await expectAccessible(page);
  await until.fill('');
  await until.pressSequentially('0231'); // begun and not finished: no date, and not "without an end" either
  await reason.selectOption('Request of a regulator');
  await note.fill('x'.repeat(501));
  await protect.click();
  await expect(until).toHaveAccessibleDescription(/Enter a valid date/);
  await until.fill('2040-03-03');
  await protect.click();
  await expect(note).toHaveAccessibleDescription(/501 characters; use at most 500/);
  await note.fill('FCA review 12/2026');
  await protect.click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('main')).toContainText('1 protected file');
  await expect(page.getByRole('figure')).toContainText(/Must be kept until Mar 3, 2040, 11:59\sPM: Request of a regulator/);
  await expect(page.getByRole('figure')).toContainText('Note: FCA review 12/2026');
  await expectAccessible(page);
});

test('the reason and the note can be changed, and the note erased', async ({ openAs, server }) => {
  const page = await openAs('analyst', at(await call(server)));
  await protect(page, 'for Ada Berg');
  const [figure, dialog] = [page.getByRole('figure'), page.getByRole('dialog')];
  const change = page.getByRole('button', { name: 'Change protection of call recording' });
  await change.click();
  await expect(dialog.getByLabel('Reason')).toHaveValue('OTHER');
  await expect(dialog.getByLabel('Note')).toHaveValue('for Ada Berg');
  await dialog.getByLabel('Reason').selectOption('Complaint');
  await dialog.getByLabel('Note').fill('case 7\nsecond line');
  await dialog.getByRole('button', { name: 'Protect' }).click();
  await expect(figure).toContainText('Must be kept indefinitely: Complaint');
  await expect(figure).toContainText('Note: case 7');
  await change.click();
  await dialog.getByLabel('Note').fill('  ');
  await dialog.getByRole('button', { name: 'Protect' }).click();
  await expect(figure).not.toContainText('Note');
  await expect(figure).toContainText('Must be kept indefinitely: Complaint');
});

test('it is done by the keyboard alone, and on a screen of 360 pixels', async ({ openAs, server }) => {
  const page = await openAs('manager', at(await call(server)));
  await page.setViewportSize({ width: 360, height: 740 });
  const button = page.getByRole('button', { name: 'Protect call recording' });
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').getByLabel('Reason')).toBeFocused();
  await page.keyboard.type('Legal');
  await expectNoSideScroll(page);
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(button).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').getByLabel('Reason')).toBeFocused();
  await page.keyboard.type('Legal');
  await expect(page.getByRole('dialog').getByLabel('Reason')).toHaveValue('LEGAL_CLAIM');
  await page.keyboard.press('Tab');
  await page.keyboard.type('ordered by a court');
  await expect(page.getByRole('dialog').getByLabel('Note')).toHaveValue('ordered by a court');
  await tabTo(page, 'Protect');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('figure')).toContainText(/Must be kept indefinitely: Legal claim.*Note: ordered by a court/);
  await tabTo(page, 'Release call recording');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toContainText('The recording is kept');
  await expectAccessible(page);
  await tabTo(page, 'Release');
  await page.keyboard.press('Enter');
  await expect(page.getByText('protected file')).toHaveCount(0);
});

/** tabTo goes on with the tabulator until a button with this name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const wanted = page.getByRole('button', { name, exact: true });
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press('Tab');
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`the tabulator does not come to ${name}`);
}

test('a protected file outlives anonymizing, and what it is owed follows its release', async ({ openAs, server }) => {
  const id = await call(server);
  const page = await openAs('manager', at(id));
  await protect(page, 'MiFID II, art. 16');
  await anonymize(server, id, { mediaFiles: true });
  const segment = page.getByRole('region', { name: 'Call' });
  await expect(segment).toContainText('Reviewable. A protected recording is kept.');
  await expect(segment).toContainText('Must be kept indefinitely: Another reason');
  await expect(segment).not.toContainText('MiFID II, art. 16');
  await expect(page.locator('audio')).toHaveCount(1);
  await page.getByRole('button', { name: 'Release call recording' }).click();
  const dialog = page.getByRole('dialog', { name: 'Release the call recording?' });
  await expect(dialog).toContainText('so the recording is planned for deletion at once');
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(segment).toContainText('A protected recording is kept.');
  await page.getByRole('button', { name: 'Release call recording' }).click();
  await dialog.getByRole('button', { name: 'Release and plan for deletion' }).click();
  await expect(page.getByRole('main').getByText('Planned for deletion of media files')).toHaveCount(2);
  await expect(segment).toContainText('Not reviewable.');
  await protect(page, 'after all'); // until it is deleted, one may think again
  await expect(segment).toContainText('Reviewable. A protected recording is kept.');
});

async function protect(page: Page, note: string): Promise<void> {
  await page.getByRole('button', { name: 'Protect call recording' }).click();
  await page.getByRole('dialog').getByLabel('Reason').selectOption('Another reason');
  await page.getByRole('dialog').getByLabel('Note').fill(note);
  await page.getByRole('dialog').getByRole('button', { name: 'Protect' }).click();
  await expect(page.getByRole('figure')).toContainText(note);
}

test('what somebody else has released meanwhile is said, and the page shows it', async ({ openAs, server, page }) => {
  await page.routeWebSocket(/graphql/, () => undefined); // nothing tells this page
  const id = await call(server);
  await openAs('manager', at(id));
  await protect(page, 'until it is heard');
  const { conversation } = await ask<{ conversation: { media: { id: string }[] } }>(
    server,
    'analyst',
    'query ($id: ID!) { conversation(id: $id) { media { id } } }',
    { id },
  );
  await page.getByRole('button', { name: 'Release call recording' }).click();
  await ask(server, 'analyst', 'mutation ($ids: [ID!]!) { releaseMedia(input: { mediaFileIds: $ids }) { userErrors { message } } }', {
    ids: conversation.media.map(({ id: file }) => file),
  });
  await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
  await expect(page.getByRole('dialog').getByRole('alert')).toContainText('This file is not protected');
  await expectAccessible(page);
});

test('others see that a file is protected, and neither why nor how to change it', async ({ page, openAs, server, browser, watch }) => {
  const { conversations } = await ask<{ conversations: { nodes: { id: string; types: string[]; media: { id: string }[] }[] } }>(
    server,
    'agent',
    '{ conversations(first: 1, filter: { types: [CALL], mediaStatuses: [AVAILABLE], isAnonymized: false }) { nodes { id types media { id } } } }',
  );
  const [call] = conversations.nodes;
  const path = at(call!.id);
  await openAs('manager', path);
  await protect(page, 'a confidential inquiry');
  const agent = await (await browser.newContext()).newPage();
  watch(agent);
  const answers: Promise<string>[] = [];
  agent.on('response', (response) => void (response.url().endsWith('/graphql') && answers.push(response.text().catch(() => ''))));
  await openIn(agent, server, 'agent', path);
  await expect(agent.getByRole('figure').first()).toContainText('Protected');
  expect((await Promise.all(answers)).join()).not.toContain('a confidential inquiry');
  await expect(agent.getByRole('button', { name: /^(Protect|Change|Release)/ })).toHaveCount(0);
  await agent.context().close();
  await release(server, 'manager', call!); // others find the conversation as it was
});

test('why a file could not be deleted is for whoever may act on it', async ({ openAs, server, page }) => {
  const { id } = await find(server, '', { types: ['CALL'], mediaStatuses: ['AVAILABLE'] }, () => true);
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes('deletionFailure')) return route.fallback();
    const answer = await route.fetch();
    await route.fulfill({
      response: answer,
      body: (await answer.text()).replaceAll('"deletionFailure":null', '"deletionFailure":"the store is away"'),
    });
  });
  await openAs('manager', at(id));
  await expect(page.getByRole('figure').first()).toContainText('Deletion failed: the store is away. The next deletion run tries again.');
  await expectAccessible(page);
});
