/** Two people work on the compliance settings at once: nobody overwrites anybody, and nothing is lost. */
import type { Page } from '@playwright/test';
import { expectAccessible, expectNoSideScroll } from './fixtures';
import { expect, saveAs, settingsOf, test, versionOf } from './settings';

const box = (page: Page, name: string) => page.getByRole('checkbox', { name });
const conflictOf = (page: Page) => page.getByRole('region', { name: /^Marcus Webb saved version \d+ while you were editing/ });

/** The analyst, in another browser, switches subject and body on and phone numbers off. */
async function analystSaves(other: Page) {
  await box(other, 'Subject and body').check();
  await box(other, 'Participant phone number').uncheck();
  await other.getByRole('button', { name: 'Save 2 changes' }).click();
  await expect(other.getByText(/^Saved as version/)).toBeVisible();
}

test('what somebody else saves is seen at once, where one has nothing unsaved', async ({ openAs, openBeside }) => {
  const page = await openAs('manager', '/compliance');
  await expect(box(page, 'Media files')).toBeVisible();
  await analystSaves(await openBeside('analyst', '/compliance'));
  await expect(box(page, 'Subject and body')).toBeChecked();
  await expect(box(page, 'Participant phone number')).not.toBeChecked();
  const news = page.getByRole('alert').filter({ hasText: 'shown here' });
  await expect(news.getByRole('listitem')).toHaveText([
    'Participant phone number (Basic Data) on off',
    'Subject and body (Basic Data) off on',
  ]);
  await expectAccessible(page);
  await news.getByRole('button', { name: 'Dismiss' }).click();
  await expect(news).toBeHidden();
});

test('one’s own changes stand beside theirs, and each is decided', async ({ openAs, openBeside, server }) => {
  test.slow(); // two browsers, and axe twice
  const page = await openAs('manager', '/compliance');
  await box(page, 'Media files').check();
  await box(page, 'crm.iban').check();
  await analystSaves(await openBeside('analyst', '/compliance'));
  const conflict = conflictOf(page);
  await expect(conflict.getByRole('row')).toHaveText([
    /Item.*Theirs.*Mine/,
    /^Participant phone number.*offchanged.*onunchanged/,
    /^Subject and body.*onchanged.*offunchanged/,
    /^Media files.*offunchanged.*onchanged/,
    /^crm.iban.*offunchanged.*onchanged/,
  ]);
  await expect(page.getByRole('button', { name: 'Save 2 changes' })).toHaveAttribute('aria-disabled', 'true');
  await expectAccessible(page);
  const goOn = conflict.getByRole('button', { name: 'Apply' });
  await expect(goOn).toBeDisabled();
  await conflict.getByRole('radio', { name: 'Participant phone number, mine: on' }).check();
  await conflict.getByRole('radio', { name: 'Subject and body, theirs: on' }).check();
  await conflict.getByRole('radio', { name: 'Media files, mine: on' }).check();
  await expect(goOn).toBeDisabled();
  await conflict.getByRole('radio', { name: 'crm.iban, theirs: off' }).check();
  await expectAccessible(page);
  await goOn.click();
  await expect(conflict).toBeHidden();
  const save = page.getByRole('button', { name: 'Save 2 changes' });
  await expect(save).toBeFocused();
  await save.click();
  await expect(page.getByText(/^Saved as version/)).toBeVisible();
  expect((await settingsOf(server.url, 'manager')).on).toEqual([
    'participantPhoneNumber',
    'participantDigitalAddress',
    'subjectAndBody',
    'mediaFiles',
  ]);
});

for (const [choice, on] of [
  ['Keep theirs', ['participantDigitalAddress', 'subjectAndBody']],
  ['Keep mine', ['participantPhoneNumber', 'participantDigitalAddress', 'mediaFiles']],
  ['Combine', ['participantDigitalAddress', 'subjectAndBody', 'mediaFiles']],
] as const) {
  test(`“${choice}” decides everything at once`, async ({ openAs, server }) => {
    const page = await openAs('manager', '/compliance');
    await box(page, 'Media files').check();
    await expect(page.getByText(/^Draft saved/)).toBeVisible();
    await saveAs(server.url, 'analyst', { basicData: { subjectAndBody: true, participantPhoneNumber: false } });
    await conflictOf(page).getByRole('button', { name: choice }).click();
    await conflictOf(page).getByRole('button', { name: 'Apply' }).click();
    if (choice !== 'Keep theirs') {
      await page.getByRole('button', { name: /^Save \d/ }).click();
      await expect(page.getByText(/^Saved as version/)).toBeVisible();
    }
    await expect(page.getByText('Draft saved')).toHaveCount(0);
    await expect.poll(() => settingsOf(server.url, 'manager')).toEqual({ on, staged: null });
  });
}

test('the API’s CONFLICT brings the same up, where the news did not get through', async ({ openAs, page, server }) => {
  await page.routeWebSocket(/graphql/, () => undefined); // a socket that never says anything
  await openAs('manager', '/compliance');
  await box(page, 'Media files').check();
  await expect(page.getByText(/^Draft saved/)).toBeVisible();
  await page.route('**/graphql', (route) => (route.request().postData()?.includes('query Compliance ') ? undefined : route.fallback()));
  await saveAs(server.url, 'analyst', { basicData: { subjectAndBody: true } });
  const version = await versionOf(server.url);
  await page.getByRole('button', { name: 'Save 1 change' }).click();
  await expect(conflictOf(page)).toBeVisible();
  await expect(conflictOf(page).getByText('Nothing is lost')).toBeFocused();
  expect(await versionOf(server.url)).toBe(version);
  await conflictOf(page).getByRole('button', { name: 'Combine' }).click();
  await conflictOf(page).getByRole('button', { name: 'Apply' }).click();
  await page.getByRole('button', { name: 'Save 1 change' }).click();
  await expect(page.getByText(`Saved as version ${version + 1}`)).toBeVisible();
  expect((await settingsOf(server.url, 'manager')).on).toEqual(expect.arrayContaining(['mediaFiles', 'subjectAndBody']));
});

test('where both did the same, nothing is to be decided', async ({ openAs, server }) => {
  const page = await openAs('manager', '/compliance');
  await box(page, 'Media files').check();
  await saveAs(server.url, 'analyst', { basicData: { mediaFiles: true } });
  await expect(page.getByText('No unsaved changes')).toBeVisible();
  await expect(box(page, 'Media files')).toBeChecked();
});

test('a conflict can be settled on a screen of 360 pixels', async ({ openAs, server }) => {
  const page = await openAs('manager', '/compliance');
  await page.setViewportSize({ width: 360, height: 740 });
  await box(page, 'Media files').check();
  await saveAs(server.url, 'analyst', { basicData: { subjectAndBody: true } });
  await expect(conflictOf(page)).toBeVisible();
  await expectNoSideScroll(page);
  await expectAccessible(page);
});
