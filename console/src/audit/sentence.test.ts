import { readFileSync } from 'node:fs';
import { buildSchema, isEnumType, isUnionType, type ConstDirectiveNode } from 'graphql';
import { describe, expect, it } from 'vitest';
import type { AuditActivity } from '../api/generated/graphql';
import { dateAndTime } from '../ui/format';
import { ACTIVITIES } from './activities';
import type { AuditEvent, DetailsOf } from './events';
import { REQUESTS } from './requests';
import { asText, sentence } from './sentence';

const nadia = { userId: 'u1', name: 'Nadia Novak' };
const tool = { userId: 'command:delete-media', name: 'qm-compliance delete-media' };
const until = '2027-03-01T09:30:00Z';
const one = { conversation: { id: 'C1' } };

type Details = NonNullable<AuditEvent['details']>;
type Given = Partial<AuditEvent> & { activity: AuditActivity };

const event = (given: Given): AuditEvent => ({
  id: 'E1',
  occurredAt: '2026-03-01T09:30:00Z',
  user: nadia,
  result: 'SUCCESS',
  settingsVersion: null,
  conversation: null,
  details: null,
  ...given,
});

const basic = (item: DetailsOf<'BasicDataChange'>['item'], isOnAfter: boolean): Given => ({
  activity: 'FIELD_CONFIG_UPDATE',
  settingsVersion: 4,
  details: { __typename: 'BasicDataChange', item, isOnBefore: !isOnAfter, isOnAfter },
});
const key = (property: DetailsOf<'MetadataKeyChange'>['property'], isOnAfter: boolean, name = 'crm.iban'): Given => ({
  activity: 'METADATA_KEY_UPDATE',
  details: { __typename: 'MetadataKeyChange', key: name, property, isOnBefore: !isOnAfter, isOnAfter },
});
const anonymized = (counts: Partial<DetailsOf<'AnonymizationDetails'>>): Given => ({
  activity: 'INTERACTION_ANONYMIZE',
  settingsVersion: 4,
  ...one,
  details: {
    __typename: 'AnonymizationDetails',
    items: [],
    metadataKeys: [],
    phoneNumberCount: 0,
    digitalAddressCount: 0,
    subjectCount: 0,
    messageCount: 0,
    metadataValueCount: 0,
    mediaFileCount: 0,
    ...counts,
  },
});
const files = (activity: AuditActivity, mediaFileCount: number, rest: Partial<AuditEvent> = {}): Given => ({
  activity,
  ...one,
  details: { __typename: 'MediaFilesDetails', mediaFileCount },
  ...rest,
});
const imported = (counts: Partial<DetailsOf<'ImportDetails'>>): Given => ({
  activity: 'CONVERSATION_IMPORTED',
  user: { userId: 'command:import', name: 'qm-compliance import' },
  ...one,
  details: {
    __typename: 'ImportDetails',
    isNew: true,
    participantCount: 0,
    segmentCount: 0,
    messageCount: 0,
    metadataValueCount: 0,
    mediaFileCount: 0,
    mergedCount: 0,
    ...counts,
  },
});
const refusal = (activity: AuditActivity, code: DetailsOf<'Refusal'>['code'], conversationCount = 0, mediaFileCount = 0): Given => ({
  activity,
  result: 'FAILURE',
  details: { __typename: 'Refusal', code, conversationCount, mediaFileCount },
});
const denial = (operation: string, code: DetailsOf<'AccessDenial'>['code'], count = 1, user = nadia as AuditEvent['user']): Given => ({
  activity: 'ACCESS_DENIED',
  result: 'FAILURE',
  user,
  details: { __typename: 'AccessDenial', operation, code, count },
});
const nobody = { userId: null, name: 'not signed in, from 192.0.2.1' };

/** What is told of each type of details; one that is new in the API does not compile here until it has its cases. */
const CASES: Record<Details['__typename'] | 'none', [Given, string][]> = {
  BasicDataChange: [
    [basic('MEDIA_FILES', true), 'Nadia Novak switched the anonymization of media files on in settings version 4.'],
    [basic('SUBJECT_AND_BODY', false), 'Nadia Novak switched the anonymization of subjects and bodies off in settings version 4.'],
    [
      basic('PARTICIPANT_PHONE_NUMBER', true),
      'Nadia Novak switched the anonymization of the phone numbers of participants on in settings version 4.',
    ],
    [
      basic('PARTICIPANT_DIGITAL_ADDRESS', true),
      'Nadia Novak switched the anonymization of the digital addresses of participants on in settings version 4.',
    ],
  ],
  MetadataKeyChange: [
    [
      { ...key('ANONYMIZED', true), settingsVersion: 4 },
      'Nadia Novak switched the anonymization of the metadata key “crm.iban” on in settings version 4.',
    ],
    [key('FILTER_KEY', true), 'Nadia Novak made the metadata key “crm.iban” a filter key.'],
    [key('FILTER_KEY', false), 'Nadia Novak made the metadata key “crm.iban” no longer a filter key.'],
    [key('CORRELATION_KEY', true), 'Nadia Novak made the metadata key “crm.iban” a correlation key.'],
    [key('CORRELATION_KEY', false, 'x (filter key)'), 'Nadia Novak made the metadata key “x (filter key)” no longer a correlation key.'],
  ],
  AnonymizationDetails: [
    [
      anonymized({ digitalAddressCount: 2, mediaFileCount: 1, messageCount: 1, phoneNumberCount: 1200 }),
      'Nadia Novak anonymized a conversation under settings version 4: 1,200 phone numbers, 2 digital addresses and 1 text overwritten; 1 media file planned for deletion.',
    ],
    [anonymized({}), 'Nadia Novak anonymized a conversation under settings version 4: no value left to overwrite.'],
    [
      anonymized({ subjectCount: 1, metadataValueCount: 2 }),
      'Nadia Novak anonymized a conversation under settings version 4: 1 subject and 2 metadata values overwritten.',
    ],
  ],
  MediaFilesDetails: [
    [
      files('MEDIA_DELETION_REQUESTED', 2, { settingsVersion: 4 }),
      'Nadia Novak requested the deletion of 2 media files of a conversation under settings version 4.',
    ],
    [files('MEDIA_DELETED', 1, { user: tool }), 'The Delete tool deleted 1 media file of a conversation.'],
    [files('MEDIA_PLAYED', 1), 'Nadia Novak played 1 media file of a conversation.'],
  ],
  ProtectionDetails: [
    [
      {
        activity: 'MEDIA_PROTECTED',
        ...one,
        details: { __typename: 'ProtectionDetails', mediaFileCount: 1, reason: 'LEGAL_CLAIM', protectedUntil: until },
      },
      `Nadia Novak protected 1 media file of a conversation from deletion until ${dateAndTime(until)}: Legal claim.`,
    ],
    [
      {
        activity: 'MEDIA_PROTECTED',
        details: { __typename: 'ProtectionDetails', mediaFileCount: 2, reason: 'MIFID', protectedUntil: null },
      },
      'Nadia Novak protected 2 media files of a conversation from deletion indefinitely: MiFID II.',
    ],
  ],
  ReleaseDetails: [
    [
      { activity: 'MEDIA_RELEASED', ...one, details: { __typename: 'ReleaseDetails', mediaFileCount: 1, cause: 'REQUESTED' } },
      'Nadia Novak released 1 media file of a conversation from protection.',
    ],
    [
      {
        activity: 'MEDIA_RELEASED',
        user: { userId: 'command:expiry', name: 'x' },
        details: { __typename: 'ReleaseDetails', mediaFileCount: 2, cause: 'EXPIRED' },
      },
      'The server recorded the end of the protection of 2 media files of a conversation, which had expired.',
    ],
  ],
  ImportDetails: [
    [
      imported({ messageCount: 1, metadataValueCount: 3, participantCount: 2, segmentCount: 1 }),
      'The import command imported a new conversation: 2 participants, 1 segment, 1 text and 3 metadata values.',
    ],
    [
      imported({ isNew: false, mergedCount: 2 }),
      'The import command changed a conversation by an import; 2 other conversations merged into it.',
    ],
    [{ ...imported({}), conversation: null }, 'The import command imported a new conversation.'],
  ],
  ExportDetails: [
    [
      { activity: 'CONVERSATION_EXPORTED', ...one, details: { __typename: 'ExportDetails', hasMedia: true, isRedacted: false } },
      'Nadia Novak exported a conversation with recordings.',
    ],
    [
      { activity: 'CONVERSATION_EXPORTED', details: { __typename: 'ExportDetails', hasMedia: false, isRedacted: true } },
      'Nadia Novak exported a conversation, redacted, without recordings.',
    ],
  ],
  Refusal: [
    [
      refusal('INTERACTION_ANONYMIZE', 'NOT_FOUND', 3),
      'Nadia Novak tried to anonymize 3 conversations: nothing was changed, because it does not exist, or the user may not see it.',
    ],
    [
      refusal('MEDIA_PROTECTED', 'CONFLICT', 0, 1),
      'Nadia Novak tried to protect 1 media file: nothing was changed, because somebody else had changed it.',
    ],
    [
      refusal('INTERACTION_ANONYMIZE', 'NOTHING_SELECTED', 1),
      'Nadia Novak tried to anonymize 1 conversation: nothing was changed, because the saved settings selected nothing.',
    ],
    [
      refusal('METADATA_KEY_UPDATE', 'CORRELATION_KEY'),
      'Nadia Novak tried to change a metadata key: nothing was changed, because conversations are merged by this key.',
    ],
  ],
  AccessDenial: [
    [
      denial('anonymizeConversations', 'FORBIDDEN'),
      'Nadia Novak was denied anonymizing conversations, which requires the role INTERACTION_ANONYMIZE.',
    ],
    [
      denial('protectMedia', 'FORBIDDEN', 29),
      'Nadia Novak was denied protecting media files 29 times, which requires the role MANAGE_DATA_LIFECYCLE.',
    ],
    [
      denial('import', 'UNAUTHENTICATED', 1, nobody),
      'Somebody who was not signed in was denied importing conversations, which requires signing in.',
    ],
    [
      denial('graphql', 'UNAUTHENTICATED', 14, nobody),
      'Somebody who was not signed in was denied the use of the API 14 times, which requires signing in.',
    ],
    [denial('somethingNew', 'FORBIDDEN'), 'Nadia Novak was denied the operation somethingNew, which requires another role.'],
  ],
  none: [[{ activity: 'CONVERSATION_VIEWED', ...one }, 'Nadia Novak read a conversation.']],
};

const schema = buildSchema(readFileSync('../schema.graphqls', 'utf8'));

describe('sentence', () => {
  for (const [type, cases] of Object.entries(CASES))
    it.each(cases)(`${type}: %#`, (given, want) => {
      expect(asText(sentence(event(given)))).toBe(want);
    });

  it('knows every activity, every type of details and every audited request of the API, with the role that it needs', () => {
    const activities = schema.getType('AuditActivity');
    expect(ACTIVITIES).toEqual(isEnumType(activities) ? activities.getValues().map(({ name }) => name) : []);
    const details = schema.getType('AuditDetails');
    const types = isUnionType(details) ? details.getTypes().map(({ name }) => name) : [];
    expect(Object.keys(CASES).toSorted()).toEqual([...types, 'none'].toSorted());
    const exporting = schema.getQueryType()!.getFields().exportConversation!;
    const audited = [...Object.values(schema.getMutationType()!.getFields()), exporting];
    const needed = audited.map(({ name, astNode }) => [name, roleOf(astNode?.directives)]);
    expect(Object.entries(REQUESTS).map(([name, { role }]) => [name, role])).toEqual([...needed, ['import', 'ADD_CALL']]);
  });

  it('leads to the conversation where the viewer may see it', () => {
    expect(sentence(event(files('MEDIA_DELETED', 1)))).toContainEqual({ conversation: 'C1', text: 'a conversation' });
    expect(sentence(event(files('MEDIA_DELETED', 1, { conversation: null })))).not.toContainEqual(
      expect.objectContaining({ conversation: 'C1' }),
    );
  });
});

function roleOf(directives: readonly ConstDirectiveNode[] = []): string | undefined {
  const value = directives.find(({ name }) => name.value === 'hasRole')?.arguments?.[0]?.value;
  return value && 'value' in value ? String(value.value) : undefined;
}
