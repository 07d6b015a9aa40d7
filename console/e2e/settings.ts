/** The compliance settings, for tests that change them: they belong to everybody, so such tests have a demo of their own, and begin with the settings as installed. */
import type { Page } from '@playwright/test';
import { ask } from './api';
import { expect, openAs, test as base, type Person } from './fixtures';
import { startDemo, type Server } from './server';

export { expect };

interface Switches {
  basicData?: Record<string, boolean>;
  otherData?: { key: string; isAnonymized: boolean }[];
}

interface Fixtures {
  installed: void;
  /** Opens a page in another browser, as somebody else. */
  openBeside: (person: Person, path: string) => Promise<Page>;
}

export const test = base.extend<Fixtures, { server: Server }>({
  server: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const server = await startDemo();
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 90_000 },
  ],
  installed: [async ({ server }, use) => use(await install(server.url)), { auto: true }],
  openBeside: async ({ browser, server, watch }, use) => {
    const contexts: { close: () => Promise<void> }[] = [];
    await use(async (person, path) => {
      const context = await browser.newContext({ baseURL: server.url, reducedMotion: 'reduce' });
      contexts.push(context);
      const page = await context.newPage();
      watch(page);
      return openAs(page, server, person, path);
    });
    await Promise.all(contexts.map((context) => context.close()));
  },
});

const BASIC = { participantPhoneNumber: true, participantDigitalAddress: true, subjectAndBody: false, mediaFiles: false };

const FILTERS = ['case.category', 'crm.segment', 'routing.language', 'routing.queue'];

async function install(url: string): Promise<void> {
  for (const person of ['manager', 'analyst'] as const)
    await ask({ url }, person, 'mutation { resetComplianceSettings { userErrors { code } } }');
  type Key = { key: string; isFilterKey: boolean; isCorrelationKey: boolean };
  const { metadataKeys } = await ask<{ metadataKeys: Key[] }>({ url }, 'manager', '{ metadataKeys { key isFilterKey isCorrelationKey } }');
  await saveAs(url, 'manager', { basicData: BASIC, otherData: metadataKeys.map(({ key }) => ({ key, isAnonymized: false })) });
  for (const { key, ...is } of metadataKeys) {
    const installed = { isFilterKey: FILTERS.includes(key), isCorrelationKey: key === 'crm.customerNumber' };
    if (installed.isFilterKey !== is.isFilterKey || installed.isCorrelationKey !== is.isCorrelationKey)
      await configure(url, { key, ...installed });
  }
}

/** configure changes what a key is used for, as the manager. */
export async function configure(url: string, input: { key: string; isFilterKey?: boolean; isCorrelationKey?: boolean }): Promise<void> {
  const mutation = 'mutation($input: ConfigureMetadataKeyInput!) { configureMetadataKey(input: $input) { userErrors { message } } }';
  await ask({ url }, 'manager', mutation, { input });
}

/** saveAs saves some switches over whatever is in force. */
export async function saveAs(url: string, person: Person, switches: Switches, allowCorrelationKeys = true): Promise<void> {
  const input = { ...switches, baseVersion: await versionOf(url), allowCorrelationKeys };
  const save = 'mutation($input: SaveComplianceSettingsInput!) { saveComplianceSettings(input: $input) { userErrors { message } } }';
  const { saveComplianceSettings } = await ask<{ saveComplianceSettings: { userErrors: unknown[] } }>({ url }, person, save, { input });
  expect(saveComplianceSettings.userErrors).toEqual([]);
}

export async function versionOf(url: string): Promise<number> {
  const { complianceSettings } = await ask<{ complianceSettings: { version: number } }>(
    { url },
    'manager',
    '{ complianceSettings { version } }',
  );
  return complianceSettings.version;
}

interface Selection {
  basicData: Record<string, boolean>;
  otherData: { key: string; isAnonymized: boolean }[];
  customData: { key: string; isAnonymized: boolean }[];
}

/** settingsOf tells what is in force and what somebody has staged: the names of what is switched on. */
export async function settingsOf(url: string, person: Person): Promise<{ on: string[]; staged: string[] | null }> {
  const part =
    'basicData { participantPhoneNumber participantDigitalAddress subjectAndBody mediaFiles } customData { key isAnonymized } otherData { key isAnonymized }';
  type Answer = { complianceSettings: Selection & { staged: Selection | null } };
  const { complianceSettings } = await ask<Answer>({ url }, person, `{ complianceSettings { ${part} staged { ${part} } } }`);
  return { on: switchedOn(complianceSettings), staged: complianceSettings.staged && switchedOn(complianceSettings.staged) };
}

function switchedOn({ basicData, customData, otherData }: Selection): string[] {
  const keys = [...customData, ...otherData].filter(({ isAnonymized }) => isAnonymized).map(({ key }) => key);
  return [...Object.keys(basicData).filter((item) => basicData[item]), ...keys];
}
