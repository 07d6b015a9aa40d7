import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AuditActivity, AuditTotalName } from '../api/generated/graphql';
import { loneEvent, operationSentence, type Operation } from './operation';
import { asText } from './sentence';
import { COMMANDS } from './users';

type Given = Partial<Omit<Operation, 'totals'>> & { totals?: Partial<Record<AuditTotalName, number>> };

const operation = (activity: AuditActivity, { totals = {}, ...rest }: Given): Operation => ({
  id: 'O1',
  occurredAt: '2026-03-01T09:30:00Z',
  activity,
  result: 'SUCCESS',
  eventCount: 2,
  user: { userId: 'u1', name: 'Nadia Novak' },
  totals: Object.entries(totals).map(([name, count]) => ({ name: name as AuditTotalName, count })),
  events: { nodes: [] },
  ...rest,
});

const tool = { userId: 'command:delete-media', name: 'qm-compliance delete-media' };
const command = { userId: 'command:import', name: 'qm-compliance import' };

/** What is told of the operations of each activity. */
const CASES: Record<AuditActivity, [Given, string][]> = {
  FIELD_CONFIG_UPDATE: [[{ totals: { SWITCHES_CHANGED: 3 } }, 'Nadia Novak changed 3 switches of the compliance settings.']],
  METADATA_KEY_UPDATE: [[{ totals: { SWITCHES_CHANGED: 2 } }, 'Nadia Novak changed 2 switches of metadata keys.']],
  INTERACTION_ANONYMIZE: [
    [
      {
        eventCount: 140,
        totals: { CONVERSATIONS_ANONYMIZED: 100, PHONE_NUMBERS: 180, DIGITAL_ADDRESSES: 95, MESSAGES: 1204, MEDIA_FILES_PLANNED: 40 },
      },
      'Nadia Novak anonymized 100 conversations: 180 phone numbers, 95 digital addresses and 1,204 texts overwritten; 40 media files planned for deletion.',
    ],
    [
      { result: 'PARTIAL', totals: { CONVERSATIONS_ANONYMIZED: 2, FAILURES: 1 } },
      'Nadia Novak anonymized 2 conversations: no value left to overwrite; 1 refusal.',
    ],
    [{ result: 'FAILURE', totals: { FAILURES: 2 } }, 'Nadia Novak tried to anonymize conversations; 2 refusals.'],
  ],
  MEDIA_DELETION_REQUESTED: [[{ totals: { MEDIA_FILES_PLANNED: 2 } }, 'Nadia Novak requested the deletion of 2 media files.']],
  MEDIA_DELETED: [
    [{ user: tool, totals: { MEDIA_FILES_DELETED: 12 } }, 'The Delete tool deleted 12 media files.'],
    [
      { user: tool, totals: { MEDIA_FILES_DELETED: 1, MEDIA_FILES_RELEASED: 2, MEDIA_FILES_PLANNED: 2 } },
      'The Delete tool deleted 1 media file, ended the protection of 2 media files and planned 2 media files for deletion.',
    ],
    [{ user: tool }, 'The Delete tool deleted no media files.'],
  ],
  MEDIA_PROTECTED: [[{ totals: { MEDIA_FILES_PROTECTED: 2 } }, 'Nadia Novak protected 2 media files.']],
  MEDIA_RELEASED: [
    [
      { totals: { MEDIA_FILES_RELEASED: 2, MEDIA_FILES_PLANNED: 1 } },
      'Nadia Novak released 2 media files from protection; 1 media file planned for deletion.',
    ],
  ],
  MEDIA_PLAYED: [[{ totals: { MEDIA_FILES_PLAYED: 2 } }, 'Nadia Novak played 2 media files.']],
  CONVERSATION_IMPORTED: [
    [
      {
        user: command,
        eventCount: 300,
        totals: { CONVERSATIONS_IMPORTED: 300, VCONS_ADDED: 290, VCONS_UPDATED: 10, DOCUMENTS_REFUSED: 1 },
      },
      'The import command imported 300 conversations: 290 vCons added, 10 vCons updated, 1 document refused.',
    ],
    [{ user: command, totals: { CONVERSATIONS_IMPORTED: 2 } }, 'The import command imported 2 conversations.'],
  ],
  CONVERSATION_EXPORTED: [[{ totals: { CONVERSATIONS_EXPORTED: 20 } }, 'Nadia Novak exported 20 conversations.']],
  CONVERSATION_VIEWED: [[{ totals: { CONVERSATIONS_VIEWED: 2 } }, 'Nadia Novak read 2 conversations.']],
  ACCESS_DENIED: [
    [{ result: 'FAILURE', totals: { FAILURES: 1204 } }, 'Nadia Novak was denied access 1,204 times.'],
    [{ result: 'FAILURE', totals: { FAILURES: 1 } }, 'Nadia Novak was denied access 1 time.'],
  ],
};

/** The totals that operations of each activity have. */
const TOTALS: Record<AuditActivity, AuditTotalName[]> = {
  FIELD_CONFIG_UPDATE: ['SWITCHES_CHANGED', 'FAILURES'],
  METADATA_KEY_UPDATE: ['SWITCHES_CHANGED', 'FAILURES'],
  INTERACTION_ANONYMIZE: [
    'CONVERSATIONS_ANONYMIZED',
    'PHONE_NUMBERS',
    'DIGITAL_ADDRESSES',
    'SUBJECTS',
    'MESSAGES',
    'METADATA_VALUES',
    'MEDIA_FILES_PLANNED',
    'FAILURES',
  ],
  MEDIA_DELETION_REQUESTED: ['MEDIA_FILES_PLANNED', 'FAILURES'],
  MEDIA_DELETED: ['MEDIA_FILES_DELETED', 'MEDIA_FILES_RELEASED', 'MEDIA_FILES_PLANNED', 'FAILURES'],
  MEDIA_PROTECTED: ['MEDIA_FILES_PROTECTED', 'FAILURES'],
  MEDIA_RELEASED: ['MEDIA_FILES_RELEASED', 'MEDIA_FILES_PLANNED', 'FAILURES'],
  MEDIA_PLAYED: ['MEDIA_FILES_PLAYED'],
  CONVERSATION_IMPORTED: [
    'CONVERSATIONS_IMPORTED',
    'VCONS_ADDED',
    'VCONS_UPDATED',
    'VCONS_UNCHANGED',
    'DOCUMENTS_REFUSED',
    'MEDIA_FILES_PLANNED',
  ],
  CONVERSATION_EXPORTED: ['CONVERSATIONS_EXPORTED'],
  CONVERSATION_VIEWED: ['CONVERSATIONS_VIEWED'],
  ACCESS_DENIED: ['FAILURES'],
};

describe('operationSentence', () => {
  for (const [activity, cases] of Object.entries(CASES))
    it.each(cases)(`${activity}: %#`, (given, want) => {
      expect(asText(operationSentence(operation(activity as AuditActivity, given)))).toBe(want);
    });

  it.each(Object.entries(TOTALS))('%s: says every total', (activity, names) => {
    const totals = Object.fromEntries(names.map((name, at) => [name, 1001 + at]));
    const told = asText(operationSentence(operation(activity as AuditActivity, { result: 'PARTIAL', totals })));
    for (const [name, count] of Object.entries(totals)) expect(told, name).toContain(new Intl.NumberFormat('en').format(count));
  });

  const event: Operation['events']['nodes'][number] = {
    id: 'E1',
    occurredAt: '2026-03-01T09:30:00Z',
    activity: 'MEDIA_PLAYED',
    result: 'SUCCESS',
    settingsVersion: null,
    user: { userId: 'u1', name: 'Nadia Novak' },
    conversation: { id: 'C1' },
    details: { __typename: 'MediaFilesDetails', mediaFileCount: 1 },
  };
  const single = { eventCount: 1, events: { nodes: [event] } };

  it('tells an operation of one event as that event', () => {
    const given = operation('MEDIA_PLAYED', { ...single, totals: { MEDIA_FILES_PLAYED: 1 } });
    expect(loneEvent(given)).toBe(event);
    expect(asText(operationSentence(given))).toBe('Nadia Novak played 1 media file of a conversation.');
  });

  it('tells an import of more vCons than its one event does with its totals', () => {
    const totals = { CONVERSATIONS_IMPORTED: 1, VCONS_ADDED: 1, VCONS_UNCHANGED: 290, DOCUMENTS_REFUSED: 9 };
    const given = operation('CONVERSATION_IMPORTED', { ...single, user: command, totals });
    expect(loneEvent(given)).toBeUndefined();
    expect(asText(operationSentence(given))).toBe(
      'The import command imported 1 conversation: 1 vCon added, 290 vCons unchanged, 9 documents refused.',
    );
    expect(loneEvent(operation('CONVERSATION_IMPORTED', { ...single, totals: { CONVERSATIONS_IMPORTED: 1, VCONS_ADDED: 1 } }))).toBe(event);
  });
});

describe('COMMANDS', () => {
  it('has a name for everything in the program that writes to the log by itself', () => {
    const sources = ['../command', '../jobs'].flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.go') && !name.endsWith('_test.go'))
        .map((name) => readFileSync(`${folder}/${name}`, 'utf8')),
    );
    const actors = sources.flatMap((source) => [...source.matchAll(/CommandActor\("([^"]+)"\)/g)].map(([, name]) => `command:${name}`));
    expect(Object.keys(COMMANDS).toSorted()).toEqual([...new Set(actors)].toSorted());
  });
});
