/** What the tests of the page /graphiql do over and over. */
import { expect, type Page, type Request } from '@playwright/test';

/** An element of the editor that GraphiQL is made with, which shows only what is on view. */
interface Editor extends Element {
  CodeMirror: { getValue: () => string; setValue: (text: string) => void };
}

export const open = (page: Page) => page.goto('/graphiql');

export const status = (page: Page) => page.locator('#status');

/** result is all of what GraphiQL shows as the answer, "" where there is none. */
export const result = (page: Page): Promise<string> =>
  page.evaluate(() => document.querySelector<Editor>('.result-window .CodeMirror')?.CodeMirror.getValue() ?? '');

/** typed is the query in the editor. */
export const typed = (page: Page): Promise<string> =>
  page.evaluate(() => document.querySelector<Editor>('.graphiql-query-editor .CodeMirror')!.CodeMirror.getValue());

/** edit replaces the query, which has a name, and waits until GraphiQL has read it: then the title of the tab shows the name. */
export async function edit(page: Page, query: string): Promise<void> {
  await page.evaluate((text) => document.querySelector<Editor>('.graphiql-query-editor .CodeMirror')!.CodeMirror.setValue(text), query);
  await expect(page.locator('.graphiql-tab-active')).toContainText(query.split(' ')[1]!);
}

export const execute = (page: Page): Promise<void> => page.locator('.graphiql-execute-button').click();

export const operationOf = (request: Request): string | undefined => (request.postDataJSON() as { operationName?: string }).operationName;

/** expectNothingStored finds nothing in the browser's storage. */
export async function expectNothingStored(page: Page): Promise<void> {
  expect(await page.evaluate(() => localStorage.length + sessionStorage.length + document.cookie.length)).toBe(0);
}
