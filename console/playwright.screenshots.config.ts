// Makes the pictures of the README (`npm run screenshots`): one after the other, in one size, place and language.
import { defineConfig } from '@playwright/test';
import tests from './playwright.config';

export default defineConfig(tests, {
  testMatch: 'screenshots.e2e.ts',
  testIgnore: [],
  workers: 1,
  fullyParallel: false,
  use: { viewport: { width: 1440, height: 900 }, timezoneId: 'Europe/Prague', locale: 'en-GB' },
});
