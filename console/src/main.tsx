/** Starts the console: asks how one signs in, finds who is, and shows the rest. */
import './app/nonce';
import '@mantine/core/styles.css';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { nonce } from './app/nonce';
import { StartFailed } from './app/StartFailed';
import { theme, variables } from './app/theme';
import { loadConfig, type SignInConfig } from './auth/config';
import { demoStrategy } from './auth/demo';
import { Session } from './auth/session';
import { SessionContext } from './auth/useSession';
import { newTabs } from './auth/tabs';
import type { AuthStrategy } from './auth/strategy';

async function strategy(config: SignInConfig): Promise<AuthStrategy> {
  if (config.demo) return demoStrategy(config.demo, sessionStorage, newTabs());
  const { oidcStrategy } = await import('./auth/oidc');
  return oidcStrategy(config.oidc);
}

async function start() {
  const config = await loadConfig();
  const session = new Session(await strategy(config));
  await session.restore();
  return (
    <SessionContext value={{ session, config }}>
      <App />
    </SessionContext>
  );
}

const root = createRoot(document.querySelector('#root')!);
const content = await start().catch(() => <StartFailed />);
root.render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      {content}
    </MantineProvider>
  </StrictMode>,
);
