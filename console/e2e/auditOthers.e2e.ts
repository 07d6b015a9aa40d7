/** What others do while the audit log is open, and what they are refused. */
import { events, onRecord, opened, told, yearOf } from './audit';
import { conversationsWithMedia, protect, release } from './deeds';
import { expect, expectAccessible, test } from './fixtures';

test('somebody who is refused is on record', async ({ openAs, server }) => {
  const [, , , conversation] = await conversationsWithMedia(server);
  await protect(server, 'agent', conversation!, 'not mine to say');
  const page = await openAs('manager', '/audit?result=FAILURE');
  await expect(
    told(page, /Tomas Lind was denied protecting media files.*, which requires the role MANAGE_DATA_LIFECYCLE\./).first(),
  ).toContainText('Denied');
  await expectAccessible(page);
});

for (const person of ['agent', 'supervisor'] as const) {
  test(`the ${person} gets the page that says what is needed, and asks nothing`, async ({ openAs, page }) => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.postData() ?? ''));
    await openAs(person, '/audit?result=FAILURE');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText("You don't have access to this page");
    await expect(page.getByRole('main')).toContainText('VIEW_AUDIT');
    await expectAccessible(page);
    expect(asked.filter((body) => body.includes('audit'))).toEqual([]);
  });
}

test('what one person does another one is told of, and sees', async ({ openAs, server, page }) => {
  await page.clock.install();
  await openAs('manager', '/audit');
  await expect(events(page).first()).toBeVisible();
  await onRecord(server, 'done meanwhile', 35);
  await page.clock.runFor(30_000);
  await expect(page.getByText('There are newer events.')).toBeVisible();
  await expect(told(page, `${yearOf(35)}`)).toHaveCount(0);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Show them' }).click();
  await expect(told(page, 'Clara Novak protected').filter({ hasText: `${yearOf(35)}` })).toBeVisible();
  await expect(page.getByText('There are newer events')).toHaveCount(0);
});

test('an action in one browser is seen in another after a refresh', async ({ openAs, server, browser, watch }) => {
  const page = await openAs('manager', '/audit?activity=MEDIA_PROTECTED');
  await expect(page.getByRole('main').getByText(/Newest first/)).toBeVisible();
  const other = await opened(browser, server, watch, 'analyst', '');
  // The analyst's own browser sends it, with the token that is in its session.
  const conversation = (await conversationsWithMedia(server))[36]!;
  await other.evaluate(
    async (input) => {
      const { accessToken } = (await (await fetch('/demo/token?as=analyst', { method: 'POST' })).json()) as { accessToken: string };
      const query = 'mutation ($input: ProtectMediaInput!) { protectMedia(input: $input) { userErrors { message } } }';
      const headers = { 'Content-Type': 'application/json', Authorization: `Bearer ${accessToken}` };
      await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query, variables: { input } }) });
    },
    { mediaFileIds: conversation.media.map(({ id }) => id), reason: 'COMPLAINT', until: `${yearOf(36)}-06-15T12:00:00Z` },
  );
  await expect(told(page, `${yearOf(36)}`)).toHaveCount(0);
  await page.getByRole('button', { name: 'Refresh' }).click();
  await expect(told(page, 'Marcus Webb protected').filter({ hasText: `${yearOf(36)}` })).toBeVisible();
  await release(server, 'analyst', conversation);
  await other.context().close();
});
