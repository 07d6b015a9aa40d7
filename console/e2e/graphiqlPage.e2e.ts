/** The page /graphiql in the demo: who is signed in to it, when tokens are renewed, and that it keeps to its content security policy. */
import type { Page, Request } from '@playwright/test';
import { apiAs, saveSettings, tokenOf } from './api';
import { expect, test } from './fixtures';
import { edit, execute, expectNothingStored, open, operationOf, result, status, typed } from './graphiql';

const subjectOf = (authorization: string | undefined): string =>
  (JSON.parse(atob((authorization ?? '').split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/'))) as { sub: string }).sub;

const authorizationOf = (request: Request): string | undefined => request.headers().authorization;

/** asked collects the requests to the API. */
function asked(page: Page): Request[] {
  const requests: Request[] = [];
  page.on('request', (request) => void (request.url().endsWith('/graphql') && request.method() === 'POST' && requests.push(request)));
  return requests;
}

const picked = (page: Page) => page.locator('#person').evaluate((select: HTMLSelectElement) => select.selectedOptions[0]!.text);

test('the first person is signed in, and sees a result', async ({ page, server }) => {
  const requests = asked(page);
  await open(page);
  await expect.poll(() => result(page)).toContain('Clara Novak');
  await expect(page.locator('label[for=person] + #person')).toBeVisible();
  expect(await picked(page)).toBe('Clara Novak – contact-centre manager');
  expect(new URL(page.url()).search).toBe('?as=manager');
  const manager = subjectOf(await tokenOf(server, 'manager'));
  expect(requests.map((request) => subjectOf(authorizationOf(request)))).toEqual(requests.map(() => manager));
  expect(requests.map(operationOf)).toEqual(['IntrospectionQuery', 'Overview']);
  await expectNothingStored(page);
});

test('another person is picked: what was typed stays, what was answered goes', async ({ page, server }) => {
  await page.route('**/graphiql*', async (route) => {
    const answer = await route.fetch(); // with a name that breaks a page that does not escape it
    const body = (await answer.text()).replaceAll('Tomas Lind', 'Ann &lt;b&gt;&#34;O&#39;Neil&#34;&lt;/b&gt;');
    await route.fulfill({ response: answer, body });
  });
  const requests = asked(page);
  await open(page);
  await expect.poll(() => result(page)).toContain('Clara Novak');
  await edit(page, 'query Mine { viewer { name } }');
  await page.locator('#person').selectOption('agent');
  await expect.poll(() => result(page)).toBe(''); // that of the person before is gone
  expect(await typed(page)).toContain('query Mine');
  await expect.poll(() => requests.filter((request) => operationOf(request) === 'IntrospectionQuery').length).toBe(2);
  await execute(page);
  await expect.poll(() => result(page)).toContain('Tomas Lind');
  // What was typed ran when it was told to, and not by itself when the person changed.
  const [manager, agent] = [subjectOf(await tokenOf(server, 'manager')), subjectOf(await tokenOf(server, 'agent'))];
  const ran = requests.filter((request) => operationOf(request) !== 'IntrospectionQuery');
  expect(ran.map((request) => [operationOf(request), subjectOf(authorizationOf(request))])).toEqual([
    ['Overview', manager],
    ['Mine', agent],
  ]);
  await page.reload();
  await expect.poll(() => result(page)).toContain('Tomas Lind');
  expect(await picked(page)).toBe(`Ann <b>"O'Neil"</b> – agent`);
  await expectNothingStored(page);
});

test('a token that the server refuses is renewed, and the request made again', async ({ page, server, allowTrouble }) => {
  allowTrouble(/401/);
  const requests = asked(page);
  await open(page);
  await expect.poll(() => result(page)).toContain('Clara Novak');
  const first = authorizationOf(requests.at(-1)!)!;
  await page.route('**/graphql', (route, request) => {
    const refused = authorizationOf(request) === first; // its signature is spoiled, so that the server itself refuses it
    return route.continue(refused ? { headers: { ...request.headers(), authorization: `${first.slice(0, -8)}AAAAAAAA` } } : {});
  });
  const renewed = page.waitForRequest(/demo\/token/);
  await edit(page, 'query Again { viewer { name roles } }');
  await execute(page);
  await renewed;
  await expect.poll(() => result(page)).toMatch(/^(?![\s\S]*conversations)[\s\S]*Clara Novak/);
  const last = authorizationOf(requests.at(-1)!)!;
  expect(last).not.toBe(first);
  expect(subjectOf(last)).toBe(subjectOf(await tokenOf(server, 'manager')));
});

test('a token about to expire is renewed', async ({ page }) => {
  await page.clock.install();
  await open(page);
  await expect.poll(() => result(page)).toContain('Clara Novak');
  await page.clock.fastForward('59:45');
  const renewed = page.waitForRequest(/demo\/token/);
  await edit(page, 'query Again { viewer { roles } }');
  await execute(page);
  await renewed;
  await expect.poll(() => result(page)).toMatch(/^(?![\s\S]*conversations)[\s\S]*roles/);
  await expectNothingStored(page);
});

test('a subscription is signed in, too', async ({ page, server }) => {
  await open(page);
  await expect.poll(() => result(page)).toContain('Clara Novak');
  await edit(page, 'subscription Saved { complianceSettingsChanged { version } }');
  const acknowledged = page.waitForEvent('websocket').then((socket) => socket.waitForEvent('framereceived'));
  await execute(page);
  await acknowledged;
  const manager = await apiAs(server, 'manager');
  await saveSettings(manager, { subjectAndBody: true });
  const version = await saveSettings(manager); // a change, whatever was in force before
  await expect.poll(() => result(page)).toMatch(new RegExp(`"version": ${version}\\b`));
  await expectNothingStored(page);
});

test('a sign-in that fails says so', async ({ page, allowTrouble }) => {
  allowTrouble(/405/);
  await page.route('**/demo/token**', (route) => route.fulfill({ status: 405 }));
  await open(page);
  await expect(status(page)).toHaveText('Signing in as “manager” failed: the server answered 405.');
});

test('menus and dialogs keep to the content security policy', async ({ page, allowTrouble }) => {
  allowTrouble(/Missing `Description` or `aria-describedby/); // what GraphiQL's own dialogs say in the console
  await open(page);
  await expect.poll(() => result(page)).toContain('Clara Novak');
  await page.getByRole('button', { name: 'Open settings dialog' }).click();
  await expect(page.getByRole('dialog')).toContainText('Theme');
  await expect(page.locator('body')).toHaveCSS('overflow', 'hidden'); // the style element that needs the nonce has taken effect
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  await expect(page.locator('.graphiql-doc-explorer')).toContainText('Root Types');
  await expectNothingStored(page);
});
