import { describe, expect, it } from 'vitest';
import { deedsOf, lengthOfRest, sumOf } from './deeds';
import type { AuditEvent } from './events';
import { asText, sentence } from './sentence';

let made = 0;

function event(more: Partial<AuditEvent> = {}, about: Partial<AuditEvent['about']> = {}): AuditEvent {
  made++;
  return {
    id: `E${made}`,
    occurredAt: '2026-03-01T09:30:00.123456Z',
    activity: 'INTERACTION_ANONYMIZE',
    result: 'SUCCESS',
    settingsVersion: 3,
    user: { userId: 'u1', name: 'Nadia Novak' },
    ...more,
    about: {
      conversation: `C${made}`,
      item: null,
      oldValue: null,
      newValue: null,
      counts: [{ name: 'phoneNumbers', count: 2 }],
      mediaFiles: [],
      operation: null,
      reason: null,
      protectedUntil: null,
      ...about,
    },
  };
}

describe('deedsOf', () => {
  it('joins what one person did to conversations at one time, and loses and moves nothing', () => {
    const events = [
      event(),
      event({ occurredAt: '2026-03-01T09:30:00.122999Z' }),
      event({ activity: 'MEDIA_DELETION_REQUESTED' }),
      event(),
    ];
    expect(deedsOf(events).map((deed) => deed.length)).toEqual([2, 1, 1]);
    expect(deedsOf(events).flat()).toEqual(events);
  });

  it.each([
    ['another time', event({ occurredAt: '2026-03-01T09:30:00.120456Z' })],
    ['another person', event({ user: { userId: 'u2', name: 'Nadia Novak' } })],
    ['another version', event({ settingsVersion: 4 })],
    ['a failure', event({ result: 'FAILURE' })],
    ['no conversation', event({}, { conversation: null })],
  ])('leaves %s by itself', (_, other) => {
    expect(deedsOf([event(), other])).toHaveLength(2);
  });

  it('leaves what differs in more than numbers by itself', () => {
    const moved = () => event({ activity: 'METADATA_KEY_UPDATE' }, { conversation: null, item: 'crm.iban', newValue: true });
    expect(deedsOf([moved(), moved()])).toHaveLength(2);
  });
});

describe('sumOf', () => {
  it('tells all in one sentence', () => {
    const two = [event(), event({}, { counts: [{ name: 'mediaFiles', count: 1 }] })];
    expect(asText(sentence(sumOf(deedsOf(two)[0]!)))).toBe(
      'Nadia Novak anonymized 2 conversations under settings version 3: 2 phone numbers overwritten; 1 media file planned for deletion.',
    );
  });

  it('tells what was asked of the Interaction service', () => {
    const asked = (file: string) => event({ activity: 'MEDIA_DELETION_REQUESTED' }, { mediaFiles: [file], counts: [] });
    expect(asText(sentence(sumOf(deedsOf([asked('M1'), asked('M2')])[0]!)))).toBe(
      'Nadia Novak asked the Interaction service to delete 2 media files of 2 conversations under settings version 3.',
    );
  });
});

describe('a run of a command', () => {
  const at = (second: number) => `2026-03-01T09:30:${String(second).padStart(2, '0')}.000000Z`;
  const run = (userId: string, second: number, activity: AuditEvent['activity'] = 'CONVERSATION_IMPORTED', more = {}) =>
    event(
      { activity, occurredAt: at(second), settingsVersion: null, user: { userId, name: '' } },
      { counts: [{ name: 'participants', count: 2 }], ...more },
    );

  it('is one line, in its own words', () => {
    const [imports, deletions] = [
      [run('command:demo', 12), run('command:demo', 7)],
      [
        run('command:delete-media', 6, 'MEDIA_DELETED', { mediaFiles: ['M1'], counts: [] }),
        run('command:delete-media', 5, 'MEDIA_DELETED', { mediaFiles: ['M2'], counts: [] }),
      ],
    ];
    const deeds = deedsOf([...imports, ...deletions]);
    expect(deeds.map((deed) => asText(sentence(sumOf(deed))))).toEqual([
      'The demo imported 2 conversations, or changes to them, with 4 participants.',
      'The Delete tool deleted 2 media files of 2 conversations.',
    ]);
  });

  it.each([
    ['another run', [run('command:import', 30), run('command:import', 10)]],
    ['what a person imports', [run('u1', 12), run('u1', 11)]],
  ])('is not %s', (_, events) => expect(deedsOf(events)).toHaveLength(2));

  it('goes on for as long as the events are its own', () => {
    const [last, ...rest] = [9, 8, 7].map((second) => run('command:import', second));
    expect(lengthOfRest(last!, rest)).toBe(2);
    expect(lengthOfRest(last!, [...rest, event(), run('command:import', 5)])).toBe(2);
    expect(lengthOfRest(event(), rest)).toBe(0);
  });
});
