/** What the tests of the dialog that anonymizes have in common. */
import type { Page, Route } from '@playwright/test';
import { apiAs, saveSettings, type Ask } from './api';
import { test as base } from './fixtures';

/** Every test starts from settings of its own, and picks conversations that nobody has anonymized. */
export const test = base.extend<{ api: Ask }>({
  api: async ({ server }, use) => {
    const api = await apiAs(server, 'manager');
    await saveSettings(api);
    await use(api);
  },
});

export const NEVER = '/conversations?anonymized=no';

/** A conversation that is not there. */
export const GONE = 'Q29udmVyc2F0aW9uOjk5OTk5OTk';

/** onMutation does something with the request for the deed. */
export const onMutation = (page: Page, act: (route: Route) => Promise<void>): Promise<unknown> =>
  page.route('**/graphql', (route) =>
    route.request().postData()?.includes('mutation AnonymizeConversations') ? act(route) : route.fallback(),
  );
