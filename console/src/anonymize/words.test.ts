import { describe, expect, it } from 'vitest';
import type { Effect, Preview } from './operations';
import { toResult } from './result';
import { deleted, outcome, overwritten, overwrittenKeys, review, stays } from './words';

const media = { kind: 'CALL' as const, planned: 0, protected: 0, kept: 0, alreadyPlanned: 0, deleted: 0, missing: 0 };
const nothing: Effect = {
  valueCount: 0,
  phoneNumbers: 0,
  digitalAddresses: 0,
  subjects: 0,
  messages: [],
  customData: [],
  otherData: [],
  media: [],
};

const preview = {
  settingsVersion: 3,
  problems: [],
  conversationCount: 3,
  unchangedCount: 0,
  reviewEndsCount: 1,
  notReviewableCount: 1,
  staysReviewable: [{ reason: 'PROTECTED_MEDIA', count: 1 }],
  effect: nothing,
  conversations: [],
} satisfies Preview;

describe('the preview in words', () => {
  it('says one and many, and leaves out what there is none of', () => {
    const effect: Effect = { ...nothing, phoneNumbers: 1, subjects: 2, messages: [{ kind: 'EMAIL_BODY', count: 2 }] };
    expect(overwritten(effect)).toEqual(['1 phone number', '2 subjects and chat room names', '2 e-mail bodies']);
    expect(overwritten(nothing)).toEqual([]);
  });

  it('names the keys of both sections', () =>
    expect(overwrittenKeys({ ...nothing, customData: [{ key: 'a', count: 1 }], otherData: [{ key: 'b', count: 2 }] })).toEqual([
      { key: 'a', values: '1 value' },
      { key: 'b', values: '2 values' },
    ]));

  it('tells recordings that go from those that stay, with the reason', () => {
    const effect = { ...nothing, media: [{ ...media, planned: 2, protected: 1, alreadyPlanned: 1, missing: 2 }] };
    expect(deleted(effect)).toEqual(['2 call recordings']);
    expect(stays(effect)).toEqual([
      '1 call recording (protected)',
      '1 call recording (already planned for deletion)',
      '2 call recordings (missing; deleted if an import adds them)',
    ]);
  });

  it('says what becomes of reviewing', () =>
    expect(review(preview)).toEqual([
      '1 conversation can no longer be reviewed',
      '1 conversation stays reviewable, because a protected recording is kept',
      '1 conversation was already not reviewable',
    ]));

  it('says in a line what becomes of one', () => {
    const conversation = { id: 'a', startedAt: '', types: [] };
    const row = {
      conversation,
      isUnchanged: false,
      isReviewableBefore: true,
      isReviewableAfter: false,
      effect: { valueCount: 1, media: [{ ...media, planned: 1 }] },
    };
    expect(outcome(row)).toBe('1 value overwritten, 1 call recording deleted, no longer reviewable');
    expect(outcome({ ...row, isUnchanged: true })).toMatch(/no change/);
  });
});

it('a failure is told of the conversation at its place', () => {
  const userErrors = [{ code: 'NOT_FOUND' as const, message: 'there is none', field: ['input', 'conversationIds', '1'] }];
  expect(toResult({ conversations: null, settingsVersion: null, userErrors }, ['a', 'b'], preview)).toEqual({
    done: 0,
    unchanged: 0,
    planned: 0,
    notReviewable: 0,
    settingsVersion: null,
    failures: [{ id: 'b', known: undefined, message: 'there is none' }],
  });
});

it('the result counts what was done, not what was so before', () => {
  const row = (id: string, isUnchanged: boolean, isReviewableBefore: boolean, planned: number) => ({
    conversation: { id, startedAt: '', types: [] },
    isUnchanged,
    isReviewableBefore,
    isReviewableAfter: false,
    effect: { valueCount: 1, media: [{ kind: 'CALL' as const, planned, protected: 0 }] },
  });
  const rows = [row('a', false, true, 1), row('b', true, false, 0), row('c', false, false, 0), row('d', false, true, 0)];
  const after = rows.map(({ conversation: { id } }) => ({
    id,
    mediaStatus: 'PLANNED_FOR_DELETION' as const,
    isReviewable: false,
  }));
  const payload = { conversations: after, settingsVersion: 3, userErrors: [] };
  expect(toResult(payload, ['a', 'b', 'c', 'd'], { ...preview, conversations: rows })).toMatchObject({
    done: 3,
    unchanged: 1,
    planned: 1,
    notReviewable: 2,
  });
});
