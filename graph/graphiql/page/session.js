// Who is signed in. A token is kept in this object and nowhere else: not in the browser's storage, not in a cookie.

const RENEW_BEFORE_MS = 30_000;

// Session holds one person's access token and gets a new one shortly before it expires.
export class Session {
  #obtain;
  #token = "";
  #pending = null;

  // obtain answers with a promise of an access token, or of "" where there is none.
  constructor(obtain) {
    this.#obtain = obtain;
  }

  // authorization is a promise of the Authorization header's value, or of "" where nobody is signed in.
  async authorization() {
    if (!this.#token || expiresSoon(this.#token)) await this.renew();
    return this.#token && `Bearer ${this.#token}`;
  }

  // renew gets a token, once for everybody who asks meanwhile; the promise tells whether it is another one than before.
  renew() {
    this.#pending ??= this.#replace().finally(() => { this.#pending = null; });
    return this.#pending;
  }

  async #replace() {
    const before = this.#token;
    this.#token = await this.#obtain();
    return this.#token !== before;
  }

  // expiry is when the token expires, a Date, or null where that is not known.
  get expiry() {
    return expiryOf(this.#token);
  }
}

// demoSession signs in as one of the demo's people.
export function demoSession(tokenURL, key) {
  return new Session(async () => {
    const url = new URL(tokenURL, location.href);
    url.searchParams.set("as", key);
    const answer = await fetch(url, { method: "POST" });
    if (!answer.ok) throw new Error(`Signing in as “${key}” failed: the server answered ${answer.status}.`);
    return (await answer.json()).accessToken;
  });
}

// pastedSession uses the token that it is given, which nobody here can renew.
export function pastedSession(token) {
  return new Session(async () => token);
}

const ASK = "qm-compliance/token?";
const ANSWER = "qm-compliance/token";
const ANSWER_WITHIN_MS = 2_000;

// consoleSession uses the sign-in of the console's page that opened this one, which is asked whenever a token is needed; null where no such page
// answers. Only pages of this very server are asked and heard.
export async function consoleSession() {
  const first = await askOpener().catch(() => null);
  if (!first?.accessToken) return null;
  const session = new Session(async () => {
    const { accessToken } = await askOpener();
    return accessToken;
  });
  return { session, name: first.name };
}

function askOpener() {
  return new Promise((resolve, reject) => {
    const hear = ({ origin, source, data }) => {
      if (origin !== location.origin || source !== opener || data?.type !== ANSWER) return;
      stop();
      resolve(data);
    };
    const timer = setTimeout(() => {
      stop();
      reject(new Error("The console that opened this page does not answer; open GraphiQL from it again."));
    }, ANSWER_WITHIN_MS);
    const stop = () => {
      clearTimeout(timer);
      removeEventListener("message", hear);
    };
    addEventListener("message", hear);
    opener?.postMessage({ type: ASK }, location.origin);
  });
}

function expiresSoon(token) {
  const expiry = expiryOf(token);
  return expiry !== null && expiry.getTime() - Date.now() < RENEW_BEFORE_MS;
}

// expiryOf reads the claim exp of a JWT without verifying it: the server does that. Any other token has no known expiry.
function expiryOf(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const { exp } = JSON.parse(atob(payload));
    return Number.isFinite(exp) ? new Date(exp * 1000) : null;
  } catch {
    return null;
  }
}
