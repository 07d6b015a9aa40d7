/** For what the server tells in bursts, such as a hundred conversations that somebody anonymized at once: it is done once for all that came within a moment. */
import { useCallback, useEffect, useEffectEvent, useState } from 'react';

const MOMENT_MS = 150;

/** useCoalesced returns the function that has it done soon; calls meanwhile add nothing. */
export function useCoalesced(work: () => void): () => void {
  const [wanted, setWanted] = useState(false);
  const run = useEffectEvent(() => {
    setWanted(false);
    work();
  });
  useEffect(() => {
    if (!wanted) return;
    const timer = setTimeout(() => run(), MOMENT_MS);
    return () => clearTimeout(timer);
  }, [wanted]);
  return useCallback(() => setWanted(true), []);
}
