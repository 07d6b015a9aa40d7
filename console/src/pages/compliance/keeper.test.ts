import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiError } from '../../api/errors';
import type { Edit } from './draft';
import { Keeper, type Kept } from './keeper';

const AWAY: ApiError = { kind: 'offline', message: 'away', requestId: null };
const edit = (...on: [string, boolean][]): Edit => new Map(on);

function newKeeper(kept: Kept = { edit: edit(), base: null }) {
  const sent: unknown[] = [];
  const api = {
    stage: vi.fn((values: Edit) => Promise.resolve<ApiError | undefined>(void sent.push(Object.fromEntries(values)))),
    reset: vi.fn(() => Promise.resolve<ApiError | undefined>(void sent.push('reset'))),
  };
  return { keeper: new Keeper(api, kept), api, sent };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('Keeper', () => {
  it('waits for a pause, and sends the last position', async () => {
    const { keeper, sent } = newKeeper();
    keeper.want({ edit: edit(['a', true]), base: 1 });
    keeper.want({ edit: edit(['a', true], ['b', true]), base: 1 });
    expect(keeper.state().status).toBe('waiting');
    await vi.runAllTimersAsync();
    expect(sent).toEqual([{ a: true, b: true }]);
    expect(keeper.state().status).toBe('kept');
  });

  it('moves back what is wanted no longer', async () => {
    const { keeper, sent } = newKeeper({ edit: edit(['a', true]), base: 1 });
    keeper.want({ edit: edit(), base: 1 });
    expect(await keeper.flush()).toBe(true);
    expect(sent).toEqual([{ a: false }]);
  });

  it('starts anew upon another version', async () => {
    const { keeper, sent } = newKeeper({ edit: edit(['a', true]), base: 1 });
    keeper.want({ edit: edit(['b', true]), base: 2 });
    await keeper.flush();
    expect(sent).toEqual(['reset', { b: true }]);
  });

  it('says what could not be kept, and keeps it when it is told to', async () => {
    const { keeper, api, sent } = newKeeper();
    api.stage.mockResolvedValueOnce(AWAY);
    keeper.want({ edit: edit(['a', true]), base: 1 });
    expect(await keeper.flush()).toBe(false);
    expect(keeper.state()).toEqual({ status: 'failed', error: AWAY });
    expect(await keeper.flush()).toBe(true);
    expect(sent).toEqual([{ a: true }]);
  });

  it('sends one after the other, and ends with what is wanted', async () => {
    const { keeper, api, sent } = newKeeper();
    let answer = () => undefined as void;
    api.stage.mockImplementationOnce(() => new Promise((resolve) => (answer = () => resolve(undefined))));
    keeper.want({ edit: edit(['a', true]), base: 1 });
    const first = keeper.flush();
    keeper.want({ edit: edit(['b', true]), base: 1 });
    const second = keeper.flush();
    answer();
    expect(await Promise.all([first, second])).toEqual([true, true]);
    expect(sent).toEqual([{ a: false, b: true }]);
  });

  it('has nothing to send once the draft is used up', async () => {
    const { keeper, sent } = newKeeper({ edit: edit(['a', true]), base: 1 });
    keeper.usedUp();
    await keeper.flush();
    expect(sent).toEqual([]);
  });
});
