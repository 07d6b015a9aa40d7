/** Roles and people in words. */
import type { Role } from '../api/generated/graphql';

const ALLOWS: Record<Role, string> = {
  INTERACTION_ANONYMIZE: 'choose what is anonymized, and anonymize conversations',
  VIEW_CONVERSATIONS_SCREEN: 'use the Conversation Explorer',
  INTERACTIONS_AGENT_VIEW: 'see your own conversations',
  INTERACTIONS_GROUP_VIEW: 'see the conversations of your groups',
  INTERACTIONS_FULL_VIEW: 'see all conversations',
  VIEW_AUDIT: 'read the audit log',
  MANAGE_DATA_LIFECYCLE: 'protect recordings from deletion and release them',
  EDIT_ADMIN_SETTING: 'configure metadata keys',
  ADD_CALL: 'import conversations',
  INTERACTIONS_EXPORT_JSON: 'export conversations as vCon',
};

/** allows says what a role lets its holder do, as the end of "lets you ...". */
export const allows = (role: Role): string => ALLOWS[role];

/** holdsAny tells whether one of the wanted roles is held. */
export const holdsAny = (held: Role[], wanted: Role | Role[]): boolean => [wanted].flat().some((role) => held.includes(role));

/** The scopes of the Conversation Explorer, the widest first: who has one needs none of the others. */
const SCOPES: Role[] = ['INTERACTIONS_FULL_VIEW', 'INTERACTIONS_GROUP_VIEW', 'INTERACTIONS_AGENT_VIEW'];

/** telling leaves out the roles that say nothing beside a wider one. */
export function telling(roles: Role[]): Role[] {
  const widest = SCOPES.find((scope) => roles.includes(scope));
  return roles.filter((role) => role === widest || !SCOPES.includes(role));
}

const PEOPLE: Record<string, string> = {
  manager: 'Full access: choose what is anonymized, anonymize, protect, configure, audit.',
  analyst: 'Chooses what is anonymized, anonymizes conversations, protects recordings, reads the audit log.',
  supervisor: 'Sees the conversations of one group and their status.',
  agent: 'Sees only their own conversations.',
};

/** mayDo says in a line what one of the demo's people may do, "" for a person who is new here. */
export const mayDo = (key: string): string => PEOPLE[key] ?? '';
