/** Keeps the draft of the page at the server, also when one leaves: for another page, by signing out, or by closing the tab. */
import { useEffect, useEffectEvent, useMemo, useState, useSyncExternalStore } from 'react';
import type { ApiError } from '../../api/errors';
import { useReachable } from '../../api/connection';
import { useApiMutation } from '../../api/useApiMutation';
import { useSession } from '../../auth/useSession';
import { editBetween, savedOf, type Draft, type Edit } from './draft';
import { inputOf, itemsOf } from './items';
import { Keeper, type KeeperApi } from './keeper';
import { RESET, STAGE, type Settings } from './operations';

/** What a browser lets a page send while it goes away. */
const KEEPALIVE_BYTES = 50_000;

export function useKeeper(settings: Settings, { edit, base }: Draft) {
  const api = useKeeperApi();
  const [keeper] = useState(() => new Keeper(api, keptOf(settings)));
  const keeping = useSyncExternalStore(keeper.subscribe, keeper.state);
  useEffect(() => keeper.use(api), [keeper, api]);
  useEffect(() => keeper.want({ edit, base: base.version }), [keeper, edit, base.version]);
  useLastChance(keeper);
  useTryAgain(keeper);
  return { keeper, keeping };
}

function keptOf(settings: Settings) {
  const { staged } = settings;
  const edit: Edit = staged ? editBetween(savedOf(settings).items, itemsOf(staged)) : new Map();
  return { edit, base: staged?.baseVersion ?? null };
}

function useKeeperApi(): KeeperApi {
  const [runStage] = useApiMutation(STAGE);
  const [runReset] = useApiMutation(RESET);
  return useMemo(() => {
    const stage = async (values: Edit) => {
      const input = inputOf(values);
      const keepalive = JSON.stringify(input).length < KEEPALIVE_BYTES;
      const { data, error } = await runStage({ input }, { fetchOptions: { keepalive } });
      return error ?? refusal(data?.stageComplianceSettings.userErrors ?? []);
    };
    return { stage, reset: async () => (await runReset({})).error };
  }, [runStage, runReset]);
}

function refusal(errors: { message: string }[]): ApiError | undefined {
  return errors.length > 0 ? { kind: 'invalid', message: errors.map(({ message }) => message).join(' '), requestId: null } : undefined;
}

function useLastChance(keeper: Keeper): void {
  const { session } = useSession();
  useEffect(() => session.beforeSignOut(keeper.flush), [session, keeper]);
  useEffect(() => {
    const leave = () => void keeper.flush();
    const warn = (event: BeforeUnloadEvent) => keeper.state().status === 'failed' && event.preventDefault();
    window.addEventListener('pagehide', leave);
    window.addEventListener('beforeunload', warn);
    return () => {
      window.removeEventListener('pagehide', leave);
      window.removeEventListener('beforeunload', warn);
      void keeper.quiet();
    };
  }, [keeper]);
}

/** useTryAgain keeps what could not be kept when the server is back. */
function useTryAgain(keeper: Keeper): void {
  const reachable = useReachable();
  const again = useEffectEvent(() => keeper.state().status === 'failed' && void keeper.flush());
  useEffect(() => void (reachable && again()), [reachable]);
}
