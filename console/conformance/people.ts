/** Who asks: holders of roles, each within each of the scopes. */
export const SCREEN = 'VIEW_CONVERSATIONS_SCREEN';

/** SCOPES are the roles of the three scopes; without any of them one sees nothing. */
export const SCOPES = {
  agent: 'INTERACTIONS_AGENT_VIEW',
  group: 'INTERACTIONS_GROUP_VIEW',
  full: 'INTERACTIONS_FULL_VIEW',
  none: null,
} as const;

/** COMPOSITES are what a token may hold in place of plain roles (design, section 6). */
const COMPOSITES: Record<string, string[] | 'all'> = {
  DEFAULT_CC_MANAGER: 'all',
  DEFAULT_COMPLIANCE_ANALYST: ['INTERACTION_ANONYMIZE', SCREEN, SCOPES.full, 'VIEW_AUDIT', 'MANAGE_DATA_LIFECYCLE'],
  DEFAULT_SUPERVISOR: [SCREEN, SCOPES.group],
  DEFAULT_AGENT: [SCREEN, SCOPES.agent],
};

export interface Person {
  /** The subject of the token; it says what the person holds. */
  account: string;
  /** The name of what the person holds, and of the scope. */
  holder: string;
  scope: string;
  /** What the token says, null for nobody. */
  claims: object | null;
  /** The plain roles. */
  roles: Set<string>;
}

/** everybody lists nobody, and in each scope: no role, each role alone and with that of the Conversation Explorer, and the demo's four. */
export function everybody(roles: string[]): Person[] {
  const nobody: Person = { account: '', holder: 'nobody', scope: '', claims: null, roles: new Set() };
  const holders = [
    ['no role'],
    ...roles.map((role) => [role]),
    ...roles.filter((role) => role !== SCREEN).map((role) => [role, SCREEN]),
    ...Object.keys(COMPOSITES).map((composite) => [composite]),
  ];
  return [nobody, ...holders.flatMap((held) => Object.keys(SCOPES).map((scope) => person(held, scope as keyof typeof SCOPES, roles)))];
}

/** person holds roles in a scope: Ada, of the group support. */
export function person(held: string[], scope: keyof typeof SCOPES, roles: string[]): Person {
  const names = [...held, ...(SCOPES[scope] ? [SCOPES[scope]] : [])];
  const holder = held.join(' + ');
  return {
    account: `${holder} in ${scope}`,
    holder,
    scope,
    claims: { name: holder, preferred_username: 'ada', groups: ['support'], realm_access: { roles: names } },
    roles: new Set(names.flatMap((name) => (COMPOSITES[name] === 'all' ? roles : (COMPOSITES[name] ?? [name])))),
  };
}

/** seenBy are the conversations that the person's roles cover: O is her own, G of her group, F of neither. */
export function seenBy({ roles }: Person): string {
  if (!roles.has(SCREEN)) return '';
  if (roles.has(SCOPES.full)) return 'OGF';
  return roles.has(SCOPES.group) ? 'OG' : roles.has(SCOPES.agent) ? 'O' : '';
}
