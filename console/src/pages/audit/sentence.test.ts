import { readFileSync } from 'node:fs';
import { buildSchema, type ConstDirectiveNode } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { AuditActivity, AuditResult } from '../../api/generated/graphql';
import { ACTIVITIES } from './activities';
import type { AuditEvent } from './events';
import { OPERATIONS } from './operations';
import { asText, sentence } from './sentence';
import { dateAndTime } from '../../ui/format';

type About = AuditEvent['about'];

const NOTHING: About = {
  conversation: null,
  item: null,
  oldValue: null,
  newValue: null,
  counts: [],
  mediaFiles: [],
  operation: null,
  reason: null,
  protectedUntil: null,
};

const nadia = { userId: 'u1', name: 'Nadia Novak' };
const tool = { userId: 'command:delete-media', name: 'qm-compliance delete-media' };
const until = '2027-03-01T09:30:00Z';

interface Given extends Partial<Omit<AuditEvent, 'about'>> {
  about?: Partial<About>;
}

function event(activity: AuditActivity, result: AuditResult, { about, ...rest }: Given): AuditEvent {
  const base = { id: 'E1', occurredAt: '2026-03-01T09:30:00Z', user: nadia, settingsVersion: null };
  return { ...base, activity, result, ...rest, about: { ...NOTHING, ...about } };
}

const counts = (all: Record<string, number>) => Object.entries(all).map(([name, count]) => ({ name, count }));
const moved = (item: string, newValue: boolean): Given => ({ settingsVersion: 4, about: { item, oldValue: !newValue, newValue } });
const configured = (item: string, newValue: boolean): Given => ({ about: { item, oldValue: !newValue, newValue } });

/** What is told of every activity and result; a new one of the API does not compile here until it has its cases. */
const CASES: Record<AuditActivity, Record<AuditResult, [Given, string][]>> = {
  FIELD_CONFIG_UPDATE: {
    SUCCESS: [
      [moved('mediaFiles', true), 'Nadia Novak switched on the anonymizing of media files, in settings version 4.'],
      [moved('subjectAndBody', false), 'Nadia Novak switched off the anonymizing of subjects and bodies, in settings version 4.'],
      [
        moved('participantPhoneNumber', true),
        'Nadia Novak switched on the anonymizing of the phone numbers of participants, in settings version 4.',
      ],
      [
        moved('participantDigitalAddress', true),
        'Nadia Novak switched on the anonymizing of the e-mail and IP addresses of participants, in settings version 4.',
      ],
      [moved('newItem', true), 'Nadia Novak switched on the anonymizing of “newItem”, in settings version 4.'],
      [{ about: { item: 'mediaFiles' } }, 'Nadia Novak moved the switch of media files.'],
      [{}, 'Nadia Novak moved the switch of something that is not named.'],
    ],
    FAILURE: [
      [{}, 'Nadia Novak tried to move a switch of Basic Data; that was refused or failed, and nothing was changed.'],
      [
        { about: { item: 'mediaFiles', reason: 'CONFLICT' } },
        'Nadia Novak tried to move a switch of Basic Data (media files); that was refused or failed, and nothing was changed (CONFLICT).',
      ],
    ],
  },
  METADATA_KEY_UPDATE: {
    SUCCESS: [
      [moved('crm.iban', true), 'Nadia Novak switched on the anonymizing of the metadata key “crm.iban”, in settings version 4.'],
      [configured('crm.iban (filter key)', true), 'Nadia Novak made the metadata key “crm.iban” a filter key.'],
      [configured('crm.iban (filter key)', false), 'Nadia Novak made the metadata key “crm.iban” a filter key no longer.'],
      [configured('crm.iban (correlation key)', true), 'Nadia Novak made the metadata key “crm.iban” a correlation key.'],
      // A key may be called so: its switch belongs to a version, a configuration does not.
      [
        moved('x (filter key)', true),
        'Nadia Novak switched on the anonymizing of the metadata key “x (filter key)”, in settings version 4.',
      ],
      [{ about: { item: 'x (filter key)' } }, 'Nadia Novak changed whether the metadata key “x” is a filter key.'],
      [{}, 'Nadia Novak moved the switch of a metadata key.'],
    ],
    FAILURE: [[{}, 'Nadia Novak tried to change a metadata key; that was refused or failed, and nothing was changed.']],
  },
  INTERACTION_ANONYMIZE: {
    SUCCESS: [
      [
        {
          settingsVersion: 4,
          about: { conversation: 'C1', counts: counts({ digitalAddresses: 2, mediaFiles: 1, messages: 1, phoneNumbers: 1200 }) },
        },
        'Nadia Novak anonymized a conversation under settings version 4: 1,200 phone numbers, 2 digital addresses and 1 text overwritten; 1 media file planned for deletion.',
      ],
      [{ about: { conversation: 'C1' } }, 'Nadia Novak anonymized a conversation: no value was left to overwrite.'],
      [
        { about: { counts: counts({ mediaFiles: 2, phoneNumbers: 0 }) } },
        'Nadia Novak anonymized a conversation: no value was left to overwrite; 2 media files planned for deletion.',
      ],
      [{ about: { counts: counts({ novelties: 2 }) } }, 'Nadia Novak anonymized a conversation: 2 novelties overwritten.'],
    ],
    FAILURE: [
      [
        { settingsVersion: 4, about: { reason: 'NOT_FOUND', counts: counts({ conversations: 3 }) } },
        'Nadia Novak asked to anonymize 3 conversations under settings version 4, but none that they may see has such an id: nothing was changed there.',
      ],
      [
        { about: { reason: 'NOTHING_SELECTED', counts: counts({ conversations: 1 }) } },
        'Nadia Novak asked to anonymize 1 conversation, but the saved settings select nothing: nothing was changed.',
      ],
      [
        { about: { reason: 'NEW_REASON' } },
        'Nadia Novak asked to anonymize conversations; that was refused or failed, and nothing was changed (NEW_REASON).',
      ],
      [
        { about: { conversation: 'C1' } },
        'Nadia Novak asked to anonymize a conversation; that was refused or failed, and nothing was changed.',
      ],
    ],
  },
  MEDIA_DELETION_REQUESTED: {
    SUCCESS: [
      [
        { settingsVersion: 4, about: { conversation: 'C1', mediaFiles: ['M1', 'M2'] } },
        'Nadia Novak asked the Interaction service to delete 2 media files of a conversation under settings version 4.',
      ],
      [{ settingsVersion: 0 }, 'Nadia Novak asked the Interaction service to delete media files.'],
    ],
    FAILURE: [
      [{}, 'Nadia Novak tried to ask the Interaction service to delete media files; that was refused or failed, and nothing was changed.'],
    ],
  },
  MEDIA_DELETED: {
    SUCCESS: [
      [{ user: tool, about: { conversation: 'C1', mediaFiles: ['M1', 'M2'] } }, 'The Delete tool deleted 2 media files of a conversation.'],
      [{ user: tool, about: { conversation: 'C1', mediaFiles: ['M1'] } }, 'The Delete tool deleted 1 media file of a conversation.'],
    ],
    FAILURE: [[{ user: tool }, 'The Delete tool tried to delete media files; that was refused or failed, and nothing was changed.']],
  },
  MEDIA_PROTECTED: {
    SUCCESS: [
      [
        { about: { conversation: 'C1', mediaFiles: ['M1'], reason: 'EXPIRED', protectedUntil: until } },
        `Nadia Novak protected 1 media file of a conversation from deletion until ${dateAndTime(until)}: “EXPIRED”.`,
      ],
      [{ about: { mediaFiles: ['M1'] } }, 'Nadia Novak protected 1 media file from deletion without an end.'],
    ],
    FAILURE: [[{}, 'Nadia Novak tried to protect media files; that was refused or failed, and nothing was changed.']],
  },
  MEDIA_RELEASED: {
    SUCCESS: [
      [{ about: { conversation: 'C1', mediaFiles: ['M1'] } }, 'Nadia Novak released 1 media file of a conversation from protection.'],
      [
        { user: { userId: 'command:expiry', name: 'x' }, about: { conversation: 'C1', mediaFiles: ['M1'], reason: 'EXPIRED' } },
        'The protection of 1 media file of a conversation ended because its date had come, which was recorded for the server.',
      ],
      [
        { about: { conversation: 'C1', mediaFiles: ['M1', 'M2'], reason: 'EXPIRED' } },
        'The protection of 2 media files of a conversation ended because its date had come, which was recorded for Nadia Novak.',
      ],
    ],
    FAILURE: [[{}, 'Nadia Novak tried to release media files from protection; that was refused or failed, and nothing was changed.']],
  },
  CONVERSATION_IMPORTED: {
    SUCCESS: [
      [
        {
          user: { userId: 'command:import', name: 'qm-compliance import' },
          about: { conversation: 'C1', counts: counts({ mediaFiles: 0, messages: 1, metadataValues: 3, participants: 2, segments: 1 }) },
        },
        'The import command imported a conversation, or a change to it, with 2 participants, 1 segment, 1 text and 3 metadata values.',
      ],
      [
        { about: { conversation: 'C1', counts: counts({ mergedConversations: 2 }) } },
        'Nadia Novak imported a conversation, or a change to it; 2 other conversations were merged into it.',
      ],
      [
        { about: { conversation: 'C1', counts: counts({ mergedConversations: 1, segments: 2 }) } },
        'Nadia Novak imported a conversation, or a change to it, with 2 segments; 1 other conversation was merged into it.',
      ],
    ],
    FAILURE: [[{}, 'Nadia Novak tried to import a conversation; that was refused or failed, and nothing was changed.']],
  },
  ACCESS_DENIED: {
    SUCCESS: [
      [
        { about: { operation: 'protectMedia' } },
        'Nadia Novak was refused protecting media files for want of the role MANAGE_DATA_LIFECYCLE.',
      ],
    ],
    FAILURE: [
      [
        { about: { operation: 'anonymizeConversations', reason: 'FORBIDDEN' } },
        'Nadia Novak was refused anonymizing conversations for want of the role INTERACTION_ANONYMIZE.',
      ],
      [
        { user: { userId: null, name: 'not signed in' }, about: { operation: 'import', reason: 'UNAUTHENTICATED' } },
        'Somebody who was not signed in was refused importing conversations, which needs signing in.',
      ],
      [
        { user: { userId: null, name: 'not signed in' }, about: { operation: 'graphql', reason: 'UNAUTHENTICATED' } },
        'Somebody who was not signed in was refused the use of the API, which needs signing in.',
      ],
      [
        { about: { operation: 'somethingNew', reason: 'FORBIDDEN' } },
        'Nadia Novak was refused the operation somethingNew for want of a role.',
      ],
      [{ user: { userId: 'u9', name: '' } }, 'Somebody with the user id u9 was refused a change for want of a role.'],
    ],
  },
};

const schema = buildSchema(readFileSync('../schema.graphqls', 'utf8'));

describe('sentence', () => {
  for (const [activity, results] of Object.entries(CASES))
    for (const [result, cases] of Object.entries(results))
      it.each(cases)(`${activity} ${result}: %#`, (given, want) => {
        expect(asText(sentence(event(activity as AuditActivity, result as AuditResult, given)))).toBe(want);
      });

  it('knows every activity and every operation of the API, with the role that it needs', () => {
    const values = schema.toConfig().types.find(({ name }) => name === 'AuditActivity')!.astNode as {
      values?: { name: { value: string } }[];
    };
    expect(ACTIVITIES).toEqual(values.values?.map(({ name }) => name.value));
    const exporting = schema.getQueryType()!.getFields().exportConversation!;
    const audited = [...Object.values(schema.getMutationType()!.getFields()), exporting];
    const needed = audited.map(({ name, astNode }) => [name, roleOf(astNode?.directives)]);
    expect(Object.entries(OPERATIONS).map(([name, { role }]) => [name, role])).toEqual([...needed, ['import', 'ADD_CALL']]);
  });

  it('leads to the conversation', () => {
    const pieces = sentence(event('MEDIA_DELETED', 'SUCCESS', { about: { conversation: 'C1', mediaFiles: ['M1'] } }));
    expect(pieces).toContainEqual({ conversation: 'C1', text: 'a conversation' });
  });
});

function roleOf(directives: readonly ConstDirectiveNode[] = []): string | undefined {
  const value = directives.find(({ name }) => name.value === 'hasRole')?.arguments?.[0]?.value;
  return value && 'value' in value ? String(value.value) : undefined;
}
