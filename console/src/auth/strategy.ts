/** What a way of signing in has to offer; demo.ts and oidc.ts are the two there are. */

/** Grant is an access token with whom it is for and how long it lasts by this machine's clock. */
export interface Grant {
  /** Tells people apart: another one's pages start from nothing. */
  person: string;
  accessToken: string;
  /** In milliseconds since 1970; null where that is not known. */
  expiresAt: number | null;
  /** Whether renew can be tried. */
  renewable: boolean;
}

export interface AuthStrategy {
  /** Finds the grant that a reload or a redirect left, null where there is none. */
  restore(): Promise<Grant | null>;
  /** Signs somebody in; key names one of the demo's people. It answers never where the page goes away for it. */
  signIn(key?: string): Promise<Grant>;
  /** Signs the same person in again, beside the page, which stays as it is. */
  signInAgain(before: Grant): Promise<Grant>;
  /** Gets a new token without asking anybody; null where that is refused. */
  renew(before: Grant): Promise<Grant | null>;
  /** Forgets the grant here, and at the provider where it can. */
  signOut(): Promise<void>;
}
