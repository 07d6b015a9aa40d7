import { describe, expect, it } from 'vitest';
import { deedsOf, sumOf } from './deeds';
import type { AuditEvent } from './events';
import { asText, sentence } from './sentence';

let made = 0;

function event(more: Partial<AuditEvent> = {}, about: Partial<AuditEvent['about']> = {}): AuditEvent {
  made++;
  return {
    id: `E${made}`,
    at: '2026-03-01T09:30:00.123456Z',
    activity: 'INTERACTION_ANONYMIZE',
    result: 'SUCCESS',
    settingsVersion: 3,
    user: { id: 'u1', name: 'Nadia Novak' },
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
    const events = [event(), event({ at: '2026-03-01T09:30:00.122999Z' }), event({ activity: 'MEDIA_DELETION_REQUESTED' }), event()];
    expect(deedsOf(events).map((deed) => deed.length)).toEqual([2, 1, 1]);
    expect(deedsOf(events).flat()).toEqual(events);
  });

  it.each([
    ['another time', event({ at: '2026-03-01T09:30:00.120456Z' })],
    ['another person', event({ user: { id: 'u2', name: 'Nadia Novak' } })],
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
