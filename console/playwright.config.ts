// How the tests in a browser run: against the real program, which e2e/build.ts builds once, in the Chromium of the system; nothing is downloaded.
import { defineConfig } from '@playwright/test';
import { existsSync } from 'node:fs';

const installed = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.e2e.ts',
  testIgnore: 'screenshots.e2e.ts', // pictures, no tests: playwright.screenshots.config.ts
  outputDir: 'test-results',
  globalSetup: './e2e/build.ts',
  fullyParallel: true,
  workers: 2,
  timeout: 30_000,
  expect: { timeout: 10_000 },
  retries: 0, // a test that passes at its second try has failed
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['./e2e/slowest.ts']],
  use: {
    viewport: { width: 1280, height: 800 },
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: { executablePath: process.env.CHROMIUM ?? installed.find(existsSync), args: ['--no-sandbox'] },
  },
});
