/** The code flow with PKCE, as a browser goes through it at oidc-provider, without the browser. */
import { createHash, randomBytes } from 'node:crypto';

/** codeFlow signs an account in, and returns its access token. */
export async function codeFlow(issuer: string, redirect: string, account: string): Promise<string> {
  const verifier = randomBytes(32).toString('base64url');
  const question = new URLSearchParams({
    client_id: 'qm-console',
    response_type: 'code',
    scope: 'openid profile',
    redirect_uri: redirect,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    login_hint: account,
  });
  const code = await follow(`${issuer}/auth?${question.toString()}`, redirect);
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: 'qm-console',
    redirect_uri: redirect,
    code_verifier: verifier,
    code,
  });
  const answer = (await (await fetch(`${issuer}/token`, { method: 'POST', body })).json()) as { access_token?: string };
  if (!answer.access_token) throw new Error(`no token for ${account}: ${JSON.stringify(answer)}`);
  return answer.access_token;
}

/** follow goes from page to page, with cookies, and presses the button; it returns the code that it comes back with. */
async function follow(start: string, redirect: string): Promise<string> {
  const cookies = new Map<string, string>();
  for (let at = start; ;) {
    const method = at.includes('/interaction/') ? 'POST' : 'GET';
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(at, { method, redirect: 'manual', headers: { cookie } });
    for (const set of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!;
      cookies.set(name!, value!);
    }
    const location = answer.headers.get('location');
    if (!location) throw new Error(`${at} answers ${answer.status}: ${await answer.text()}`);
    const next = new URL(location, at);
    if (next.href.startsWith(redirect)) return next.searchParams.get('code')!;
    at = next.href;
  }
}
