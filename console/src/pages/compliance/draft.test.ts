import { describe, expect, it } from 'vitest';
import { arrived, changesOf, differences, inConflict, moved, savedOf, settled, shownItems, upon, type Draft } from './draft';
import { settingsWith } from './fixture';

const PHONE = 'basic:participantPhoneNumber';
const MEDIA = 'basic:mediaFiles';
const QUEUE = 'key:queue';

const begun = (...on: string[]): Draft => upon(savedOf(settingsWith(1, on)));
const saved = (version: number, ...on: string[]) => savedOf(settingsWith(version, on));
const shape = (draft: Draft) => differences(draft).map(({ item, theirs, movedBy }) => [item.id, theirs, movedBy]);

describe('moved', () => {
  it('forgets a switch that is back where it was, and tells an item from a key of the same name', () => {
    const draft = moved(begun('phone'), new Set([MEDIA]), true);
    expect(changesOf(shownItems(draft), draft.edit).map(({ item, from, to }) => [item.id, from, to])).toEqual([[MEDIA, false, true]]);
    expect(moved(draft, new Set([MEDIA]), false).edit.size).toBe(0);
  });
});

describe('arrived', () => {
  it('shows what others saved where there is nothing of one’s own, and tells it', () => {
    const draft = arrived(begun('phone'), saved(2, 'media'));
    expect(inConflict(draft)).toBe(false);
    expect(draft.news?.changes.map(({ item, to }) => [item.id, to])).toEqual([
      [PHONE, false],
      [MEDIA, true],
    ]);
  });

  it('keeps one’s own edit beside it', () => {
    const draft = arrived(moved(begun('phone'), new Set([QUEUE]), true), saved(2, 'media'));
    expect(inConflict(draft)).toBe(true);
    expect(shape(draft)).toEqual([
      [PHONE, false, 'them'],
      [MEDIA, true, 'them'],
      [QUEUE, false, 'me'],
    ]);
    expect(shownItems(draft).find(({ id }) => id === PHONE)?.on).toBe(true);
  });

  it('needs no decision where both did the same', () => {
    const draft = arrived(moved(begun(), new Set([MEDIA]), true), saved(2, 'media'));
    expect(inConflict(draft)).toBe(false);
    expect(draft.edit.size).toBe(0);
  });

  it('takes no notice of an answer that comes late, and keeps the edit over a key that was configured', () => {
    const draft = moved(upon(saved(3)), new Set([MEDIA]), true);
    expect(arrived(draft, saved(2, 'phone'))).toBe(draft);
    expect(arrived(draft, saved(3)).edit).toBe(draft.edit);
  });
});

describe('settled', () => {
  const conflict = arrived(moved(begun('phone'), new Set([QUEUE]), true), saved(2, 'media'));

  it.each([
    ['all of theirs', [], []],
    [
      'all of mine',
      [PHONE, MEDIA, QUEUE],
      [
        [PHONE, true],
        [MEDIA, false],
        [QUEUE, true],
      ],
    ],
    ['both', [QUEUE], [[QUEUE, true]]],
  ])('goes on with %s, upon the new version', (_, mine, edit) => {
    const draft = settled(conflict, new Set(mine));
    expect(draft.base.version).toBe(2);
    expect([...draft.edit]).toEqual(edit);
  });
});
