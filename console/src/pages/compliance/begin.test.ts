import { describe, expect, it } from 'vitest';
import type { BasicDataItem } from '../../api/generated/graphql';
import { beginWith, type History } from './begin';
import { differences, inConflict } from './draft';
import { settingsWith } from './fixture';

type Event = History['nodes'][number];

const event = (settingsVersion: number, item: BasicDataItem, isOnBefore: boolean): Event => ({
  settingsVersion,
  details: { __typename: 'BasicDataChange', item, isOnBefore },
});
const configured = (key: string): Event => ({
  settingsVersion: null,
  details: { __typename: 'MetadataKeyChange', key, isOnBefore: false },
});
const history = (nodes: History['nodes'], hasNextPage = false): History => ({ nodes, pageInfo: { hasNextPage } });
const movedBy = (...arguments_: Parameters<typeof beginWith>) =>
  differences(beginWith(...arguments_)).map(({ item, movedBy: who }) => [item.id, who]);

describe('beginWith', () => {
  it('goes on with the draft that was left', () => {
    const draft = beginWith(settingsWith(2, ['phone'], { baseVersion: 2, on: ['phone', 'queue'] }), undefined);
    expect([...draft.edit]).toEqual([['key:queue', true]]);
    expect(inConflict(draft)).toBe(false);
  });

  const behind = settingsWith(4, ['media'], { baseVersion: 2, on: ['media', 'queue'] });

  it('finds out what others saved since', () => {
    const since = [event(4, 'MEDIA_FILES', false), event(3, 'MEDIA_FILES', true), event(3, 'PARTICIPANT_PHONE_NUMBER', true)];
    const before = [configured('queue'), event(2, 'SUBJECT_AND_BODY', true)];
    expect(movedBy(behind, history([...since, ...before], true))).toEqual([
      ['basic:participantPhoneNumber', 'them'],
      ['key:queue', 'me'],
    ]);
  });

  it('shows at least one’s own where the log is not told, or does not reach back', () => {
    expect(movedBy(behind, undefined)).toEqual([['key:queue', 'me']]);
    expect(movedBy(behind, history([event(4, 'PARTICIPANT_PHONE_NUMBER', true)], true))).toEqual([['key:queue', 'me']]);
  });

  it('is done with a draft that others have saved just so', () => {
    expect(inConflict(beginWith(settingsWith(4, ['media'], { baseVersion: 2, on: ['media'] }), undefined))).toBe(false);
  });
});
