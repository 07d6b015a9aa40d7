/** How people sign in here, as the server tells it at /console/config.json. */

/** DemoPerson is somebody whom the demo signs in for the asking. */
export interface DemoPerson {
  key: string;
  name: string;
  title: string;
}

export interface DemoConfig {
  people: DemoPerson[];
  tokenUrl: string;
}

export interface OidcConfig {
  issuer: string;
  clientId: string;
  scope: string;
}

export type SignInConfig = { demo: DemoConfig; oidc?: undefined } | { oidc: OidcConfig; demo?: undefined };

/** loadConfig asks the server; it fails where the server cannot be reached. */
export async function loadConfig(): Promise<SignInConfig> {
  const answer = await fetch('/console/config.json');
  if (!answer.ok) throw new Error(`Sign-in settings could not be loaded (status ${answer.status}).`);
  return (await answer.json()) as SignInConfig;
}
