/** Who is offered what, and what happens at an address typed by hand. */
import { expect, expectAccessible, test, type Person } from './fixtures';

const offered: Record<Person, string[]> = {
  manager: ['Conversations', 'Compliance', 'Metadata keys', 'Audit log', 'GraphiQL'],
  analyst: ['Conversations', 'Compliance', 'Metadata keys', 'Audit log', 'GraphiQL'],
  supervisor: ['Conversations', 'GraphiQL'],
  agent: ['Conversations', 'GraphiQL'],
};

for (const [person, links] of Object.entries(offered)) {
  test(`the ${person} is offered what the roles allow`, async ({ openAs }) => {
    const page = await openAs(person as Person);
    await expect(page.getByRole('navigation').getByRole('link')).toHaveText(links);
  });
}

test('every page that is offered comes, says what it is, and is accessible', async ({ openAs }) => {
  test.slow();
  const page = await openAs('manager');
  for (const title of ['Conversations', 'Compliance', 'Metadata keys', 'Audit log']) {
    await page.getByRole('navigation').getByRole('link', { name: title }).click();
    const heading = page.getByRole('heading', { level: 1, name: title });
    await expect(heading).toBeVisible();
    await expect(page).toHaveTitle(`${title} · qm-compliance`);
    await expect(page.getByRole('status')).toHaveCount(0); // loaded
    await expectAccessible(page);
  }
});

test('a navigation moves the focus to the heading', async ({ openAs }) => {
  const page = await openAs('manager');
  await page.getByRole('link', { name: 'Audit log' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Audit log' })).toBeFocused();
});

test('an address without the role says what is needed', async ({ openAs }) => {
  const page = await openAs('agent', '/compliance');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText("You don't have access to this page");
  await expect(page.getByRole('main')).toContainText('You need the role INTERACTION_ANONYMIZE');
  await expectAccessible(page);
});

test('an address without a page says so', async ({ openAs }) => {
  const page = await openAs('agent', '/conversation');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Page not found');
});

test('a conversation opens at an address of its own', async ({ openAs }) => {
  const page = await openAs('manager');
  await page.getByRole('grid').getByRole('link').first().click();
  await page.getByRole('link', { name: 'Open full page' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Conversation', exact: true })).toBeFocused();
  await page.reload();
  await expect(page.getByRole('region', { name: 'Participants' })).toBeVisible();
});
