import { describe, expect, it } from 'vitest';
import type { AuditActivity, AuditTotalName } from '../api/generated/graphql';
import { operationSentence, type Operation } from './operation';
import { asText } from './sentence';

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
  ACCESS_DENIED: [[{ result: 'SUCCESS', totals: { FAILURES: 2 } }, 'Nadia Novak was denied access.']],
};

describe('operationSentence', () => {
  for (const [activity, cases] of Object.entries(CASES))
    it.each(cases)(`${activity}: %#`, (given, want) => {
      expect(asText(operationSentence(operation(activity as AuditActivity, given)))).toBe(want);
    });

  it('tells an operation of one event as that event', () => {
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
    const told = operationSentence(operation('MEDIA_PLAYED', { eventCount: 1, events: { nodes: [event] } }));
    expect(asText(told)).toBe('Nadia Novak played 1 media file of a conversation.');
  });
});
