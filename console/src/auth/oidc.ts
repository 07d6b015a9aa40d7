/**
 * Signing in at an OpenID Connect provider: code flow with PKCE. Tokens are kept for this tab (sessionStorage), never longer; they are renewed by
 * the refresh token where the provider gives one. This module is loaded only where it is needed.
 */
import { UserManager, WebStorageStateStore, type User } from 'oidc-client-ts';
import type { OidcConfig } from './config';
import type { Grant, AuthStrategy } from './strategy';

/** Where the provider sends people back to. */
export const CALLBACK = '/signed-in';

export function oidcStrategy(config: OidcConfig): AuthStrategy {
  const manager = newManager(config);
  return {
    restore: () => restore(manager),
    signIn: async () => {
      await manager.signinRedirect({ state: { returnTo: location.pathname + location.search } });
      return new Promise<never>(() => undefined); // the page goes away
    },
    signInAgain: async () => grantOf(await manager.signinPopup()),
    renew: async () => {
      const user = await manager.signinSilent().catch(() => null);
      return user && grantOf(user);
    },
    signOut: () => signOut(manager),
  };
}

function newManager({ issuer, clientId, scope }: OidcConfig): UserManager {
  return new UserManager({
    authority: issuer,
    client_id: clientId,
    scope,
    redirect_uri: location.origin + CALLBACK,
    popup_redirect_uri: location.origin + CALLBACK,
    post_logout_redirect_uri: location.origin + '/',
    userStore: new WebStorageStateStore({ store: sessionStorage }),
    stateStore: new WebStorageStateStore({ store: sessionStorage }),
    automaticSilentRenew: false, // session.ts renews, and would rather ask than use a hidden frame
  });
}

async function restore(manager: UserManager): Promise<Grant | null> {
  if (location.pathname === CALLBACK) return finish(manager);
  const user = await manager.getUser();
  return user && grantOf(user);
}

/** finish takes what the provider answered: in the popup it is handed to the page that opened it, which alone knows what it asked. */
async function finish(manager: UserManager): Promise<Grant | null> {
  const state = new URLSearchParams(location.search).get('state') ?? '';
  if (window.opener && sessionStorage.getItem(`oidc.${state}`) === null) {
    await manager.signinPopupCallback();
    return null;
  }
  try {
    const user = await manager.signinRedirectCallback();
    history.replaceState(null, '', (user.state as { returnTo?: string } | undefined)?.returnTo ?? '/');
    return grantOf(user);
  } catch (error) {
    history.replaceState(null, '', '/');
    throw error;
  }
}

async function signOut(manager: UserManager): Promise<void> {
  const endpoint = await manager.metadataService.getEndSessionEndpoint().catch(() => undefined);
  if (endpoint) await manager.signoutRedirect();
  else await manager.removeUser();
}

function grantOf(user: User): Grant {
  return {
    person: user.profile.sub,
    accessToken: user.access_token,
    expiresAt: user.expires_at === undefined ? null : user.expires_at * 1000,
    renewable: Boolean(user.refresh_token),
  };
}
