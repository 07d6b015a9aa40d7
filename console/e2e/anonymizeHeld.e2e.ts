/** A press on Anonymize while the preview is being asked anew, which others can bring about at any moment: it is neither lost, nor done for what was not shown. */
import type { Page, Route } from '@playwright/test';
import { apiAs, pick, saveSettings, type Picked } from './api';
import { NEVER, onMutation, test as base } from './anonymizing';
import { protect, release } from './deeds';
import { ask, dialog } from './explorer';
import { expect } from './fixtures';
import type { Server } from './server';

interface Held {
  page: Page;
  one: Picked;
  /** Presses Anonymize while the preview is being asked anew, which meanwhile() brings about. */
  press: (meanwhile: () => Promise<unknown>) => Promise<void>;
  /** Lets the preview be answered. */
  answer: (how?: (route: Route) => Promise<void>) => Promise<void>;
  /** How often the deed was sent. */
  sent: () => number;
}

/** Every test begins with the dialog open for one conversation, and the box ticked. */
const test = base.extend<{ held: Held }>({
  held: async ({ openAs, api, server }, use) => {
    const [one] = await pick(api, 1, { types: ['CALL'], mediaStatuses: ['AVAILABLE'] });
    await protectAs(server, one!, 'a first note');
    const page = await openAs('manager', NEVER);
    const asked: Route[] = [];
    let holding = false;
    let sent = 0;
    await page.route('**/graphql', (route) => {
      if (!holding || !route.request().postData()?.includes('query AnonymizationPreview')) return route.fallback();
      asked.push(route);
    });
    await onMutation(page, (route) => {
      sent++;
      return route.fallback();
    });
    await ask(page, [one!.id]);
    await dialog(page).getByRole('checkbox').check();
    await use({
      page,
      one: one!,
      press: async (meanwhile) => {
        await dialog(page).getByRole('button', { name: 'Anonymize 1 conversation' }).focus();
        holding = true;
        await meanwhile();
        await expect.poll(() => asked.length).toBeGreaterThan(0);
        await page.keyboard.press('Enter');
        expect(sent).toBe(0);
      },
      answer: async (how = (route) => route.continue()) => {
        holding = false;
        await Promise.all(asked.splice(0).map(how));
      },
      sent: () => sent,
    });
    await releaseAs(server, one!); // others find the conversations that are next as they were
  },
});

/** protectAs changes a conversation, and nothing of its preview where it is protected already. */
const protectAs = async (server: Server, one: Picked, note: string) => protect(server, 'analyst', await withMedia(server, one), note);

const releaseAs = async (server: Server, one: Picked) => release(server, 'analyst', await withMedia(server, one));

async function withMedia(server: Server, { id }: Picked) {
  const { node } = await (
    await apiAs(server, 'analyst')
  )<{ node: { media: { id: string }[] } }>('query ($id: ID!) { node(id: $id) { ... on Conversation { media { id } } } }', { id });
  return { id, types: [], media: node.media };
}

test('it is done once, as soon as the same is answered', async ({ held: { page, one, press, answer, sent }, server }) => {
  await press(() => protectAs(server, one, 'another note'));
  await answer();
  await expect(dialog(page).getByRole('status')).toContainText('1 conversation anonymized');
  expect(sent()).toBe(1);
});

test('it is void where something else is answered, and has to be confirmed anew', async ({ held: { page, press, answer, sent }, api }) => {
  await press(() => saveSettings(api, { subjectAndBody: true }));
  await answer();
  await expect(dialog(page).getByRole('alert').filter({ hasText: 'Settings changed while this was open' })).toBeVisible();
  await expect(dialog(page).getByRole('checkbox')).not.toBeChecked();
  expect(sent()).toBe(0);
});

test('it is void where nothing is answered', async ({ held: { page, one, press, answer, sent }, server, allowTrouble }) => {
  allowTrouble(/ERR_FAILED/);
  await press(() => protectAs(server, one, 'another note'));
  await answer((route) => route.abort());
  await expect(dialog(page).getByRole('alert').filter({ hasText: 'The server cannot be reached' })).toBeVisible();
  await expect(dialog(page).getByRole('button', { name: 'Anonymize 1 conversation' })).toBeEnabled();
  expect(sent()).toBe(0);
});

test('it is void where the dialog is closed meanwhile', async ({ held: { page, one, press, answer, sent }, server, api }) => {
  await page.emulateMedia({ reducedMotion: 'no-preference' }); // it takes its time to close
  await press(() => protectAs(server, one, 'another note'));
  await page.keyboard.press('Escape');
  await answer((route) => route.continue().catch(() => undefined)); // it may be called off already
  await expect(dialog(page)).toBeHidden();
  expect(sent()).toBe(0);
  expect((await pick(api, 100)).map(({ id }) => id)).toContain(one.id);
});
