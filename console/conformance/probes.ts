/** What is asked for each root field, and beside GraphQL; and what the roles and scopes let somebody see of it. */
import { Kind, type GraphQLEnumType, type GraphQLField } from 'graphql';
import { SCREEN, seenBy, type Person } from './people';
import { everything } from './selection';
import { LETTERS, NODES, OF_F, schema, type World } from './world';

export interface Probe {
  /** Such as "conversations, after the foreign one". */
  name: string;
  /** The root field; null for what is no GraphQL. */
  field: string | null;
  kind: 'query' | 'mutation' | 'subscription' | 'http';
  /** The role that is needed, null where it is enough to be signed in. */
  role: string | null;
  /** The conversations that the answer shows to somebody who sees all; null where it is not about conversations. */
  range: string | null;
  /** The conversations that are counted where those are more than the answer shows: a count is of all pages. */
  counted?: string;
  /** Whether only a person who sees all is answered. */
  whole?: boolean;
  /** The operations whose answers are taken together. */
  operations: string[];
}

/** want is the cell that is right: 401, - for a missing role, yes, or the conversations that are shown, . for none of them, and their count. */
export function want({ role, range, counted, whole }: Probe, person: Person): string {
  if (!person.claims) return '401';
  if (role && !person.roles.has(role)) return '-';
  if (range === null) return 'yes';
  if (whole && seenBy(person).length < LETTERS.length) return '.';
  const seen = (among: string) => [...seenBy(person)].filter((letter) => among.includes(letter)).join('');
  return shown(seen(range), seen(counted ?? range).length);
}

/** shown is a cell for conversations, and how many are counted where it is another number. */
export const shown = (letters: string, counted: number): string => (letters || '.') + (counted === letters.length ? '' : `/${counted}`);

export const ROLES = (schema.getType('Role') as GraphQLEnumType).getValues().map(({ name }) => name);

/** roleOf reads who may use a root field from its directives; a field without any fails. */
function roleOf({ name, astNode }: GraphQLField<unknown, unknown>): string | null {
  const directives = astNode!.directives!.filter((directive) => ['hasRole', 'signedIn'].includes(directive.name.value));
  if (directives.length !== 1) throw new Error(`${name} does not say who may use it`);
  const role = directives[0]!.arguments![0]?.value;
  return role?.kind === Kind.ENUM ? role.value : null;
}

/** rootFields lists every root field of the contract, with the kind of its operation. */
export const rootFields = (
  [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const
).flatMap(([kind, type]) => Object.values(type!.getFields()).map((field) => ({ kind, field })));

/** probesOf asks for everything in the world. Mutations are given inputs that leave it as it is, however often they are sent. */
export function probesOf(world: World): Probe[] {
  const probe = (name: string, range: string | null, ...args: string[]): Probe => {
    const field = name.split(',')[0]!;
    const root = rootFields.find((one) => one.field.name === field);
    if (!root) throw new Error(`there is no root field ${field}`);
    const selection = everything(schema, root.field.type, root.kind === 'mutation' ? 3 : field === 'node' ? 4 : 5);
    const operations = (args.length > 0 ? args : ['']).map((given) => `${root.kind} { ${field}${given && `(${given})`} ${selection} }`);
    return { name, field, kind: root.kind, role: roleOf(root.field), range, operations };
  };
  const paged = (...page: Parameters<typeof probe>): Probe => ({ ...probe(...page), counted: 'OGF' });
  const of = (type: string) => LETTERS.map((letter) => world.ids[type]?.[letter]);
  const conversations = of('Conversation');
  const ids = (type: string) => JSON.stringify(of(type));
  const OLDEST = 'orderBy: { field: STARTED_AT, direction: ASC }';
  return [
    probe('viewer', null),
    probe('complianceSettings', null),
    probe('metadataKeys', null),
    probe('metadataKeyCount', null),
    probe('conversations', 'OGF', `first: 3, ${OLDEST}`),
    paged('conversations, after the foreign one', 'G', `first: 3, ${OLDEST}, after: "${world.cursors.F}"`),
    paged('conversations, before the foreign one', 'O', `last: 3, ${OLDEST}, before: "${world.cursors.F}"`),
    ...filters().map(([filter, range]) =>
      probe(`conversations, ${filter.split(':')[0]}`, range, `first: 3, ${OLDEST}, filter: { ${filter} }`),
    ),
    probe('conversation', 'OGF', ...conversations.map((id) => `id: "${id}"`)),
    ...NODES.map((type) => nodeProbe(probe, world, type)),
    probe('auditOperations', null, 'first: 10'),
    probe('auditEvents', null, 'first: 100'),
    probe('auditEvents, conversationId', null, `first: 100, filter: { conversationId: "${world.ids.Conversation!.F}" }`),
    probe('anonymizationPreview', 'OGF', `input: { conversationIds: ${ids('Conversation')} }`),
    { ...probe('anonymizationJob', 'OGF', ...of('AnonymizationJob').map((id) => `id: "${id}"`)), whole: true },
    probe('anonymizationJobs', null, 'first: 3'),
    probe('complianceSettingsVersions', null, 'first: 3'),
    probe('complianceSettingsDiff', null, 'from: 1, to: 1'),
    probe('exportConversation', 'OGF', ...conversations.map((id) => `id: "${id}"`)),
    probe('saveComplianceSettings', null, 'input: { baseVersion: 99 }'),
    probe('stageComplianceSettings', null, 'input: {}'),
    probe('resetComplianceSettings', null),
    probe('configureMetadataKey', null, 'input: { key: "nowhere" }'),
    probe('protectMedia', 'OGF', `input: { mediaFileIds: ${ids('MediaFile')}, reason: OTHER }`),
    probe('releaseMedia', 'OGF', `input: { mediaFileIds: ${ids('MediaFile')} }`),
    probe('anonymizeConversations', 'OGF', `input: { conversationIds: ${ids('Conversation')} }`),
    probe('planAnonymization', null, `input: { conversationIds: ${ids('Conversation')} }`),
    probe('startAnonymization', null, `input: { jobId: "${world.ids.AnonymizationJob!.F}", settingsVersion: 99 }`),
    probe('pauseAnonymization', null, `input: { jobId: "${world.ids.AnonymizationJob!.F}" }`),
    probe('resumeAnonymization', null, `input: { jobId: "${world.ids.AnonymizationJob!.F}" }`),
    probe('cancelAnonymization', null, 'input: { jobId: "nowhere" }'),
    probe('complianceSettingsChanged', null),
    probe('anonymizationJobChanged', 'F', `id: "${world.ids.AnonymizationJob!.F}"`),
    probe('conversationChanged', 'OGF', `ids: ${ids('Conversation')}`),
    { name: '/import', field: null, kind: 'http', role: 'ADD_CALL', range: null, operations: [] },
    { name: "/media, one's own links", field: null, kind: 'http', role: SCREEN, range: 'OGF', operations: [] },
    { name: "/media, somebody else's links", field: null, kind: 'http', role: 'nobody holds it', range: null, operations: [] },
  ];
}

/** filters has one of each kind, with the conversations that match it. */
export function filters(): [filter: string, range: string][] {
  return [
    ['startedFrom: "2026-03-02T09:30:00Z"', 'GF'],
    ['startedTo: "2026-03-02T10:30:00Z"', 'OF'],
    ['types: [CALL]', 'OGF'],
    [`participantPhoneNumber: "${OF_F.digits}"`, 'F'],
    [`participantDigitalAddress: "${OF_F.address}"`, 'F'],
    [`metadata: [{ key: "${OF_F.metadata.key}", value: "${OF_F.metadata.value}" }]`, 'F'],
    ['isReviewable: true', 'OGF'],
    ['mediaStatuses: [AVAILABLE]', 'OGF'],
    ['isAnonymized: false', 'OGF'],
    ['anonymizedBefore: { settingsVersion: 1 }', 'OGF'],
  ];
}

/** nodeProbe asks for the things of one type by node: what lies in conversations follows their scope. */
function nodeProbe(probe: (name: string, range: string | null, ...args: string[]) => Probe, { ids }: World, type: string): Probe {
  const { any, ...of } = ids[type] ?? {};
  if (!any && Object.keys(of).length < LETTERS.length) throw new Error(`there is no ${type} of each conversation to ask for`);
  const args = (any ? [any] : LETTERS.map((letter) => of[letter]!)).map((id) => `id: "${id}"`);
  // It checks the role of each type itself.
  const roles: Record<string, string> = {
    AuditOperation: 'VIEW_AUDIT',
    AuditEvent: 'VIEW_AUDIT',
    AnonymizationJob: 'INTERACTION_ANONYMIZE',
  };
  return { ...probe(`node, ${type}`, any ? null : 'OGF', ...args), role: roles[type] ?? SCREEN, whole: type === 'AnonymizationJob' };
}
