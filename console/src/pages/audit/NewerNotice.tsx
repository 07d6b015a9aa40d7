/** Says when newer operations have come in than those on view. It asks for the newest one, gently, while the page is looked at. */
import { Alert, Button, Group, Text } from '@mantine/core';
import { useInterval } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import type { AuditEventFilter } from '../../api/generated/graphql';
import { NEWEST } from './queries';
import classes from './NewerNotice.module.css';

const EVERY_MS = 30_000;

interface Props {
  filter: AuditEventFilter;
  /** The newest operation on view, null where there is none. */
  shown: string | null;
  /** Whether what is on view is what was asked for. */
  ready: boolean;
  show: () => void;
}

export function NewerNotice({ filter, shown, ready, show }: Props) {
  const newest = useNewest(filter, shown, ready);
  return (
    <div aria-live="polite" className={classes.live}>
      {ready && newest !== null && newest !== shown && (
        <Alert color="blue" p="xs">
          <Group justify="space-between">
            <Text size="sm">There are newer events.</Text>
            <Button size="xs" variant="default" onClick={show}>
              Show them
            </Button>
          </Group>
        </Alert>
      )}
    </div>
  );
}

/** useNewest is the id of the newest operation that matches, null while nobody has asked for this list; a question that fails is asked again later. */
function useNewest(filter: AuditEventFilter, shown: string | null, ready: boolean): string | null {
  const client = useClient();
  const [found, setFound] = useState<{ for: string; id: string } | null>(null);
  const key = JSON.stringify([filter, shown]);
  const ask = async () => {
    if (document.visibilityState !== 'visible') return;
    const { data } = await client.query(NEWEST, { filter }, { requestPolicy: 'network-only' });
    const id = data?.auditOperations.nodes[0]?.id;
    if (id) setFound({ for: key, id });
  };
  const { start, stop } = useInterval(() => void ask(), EVERY_MS);
  useEffect(() => {
    if (ready) start();
    return stop;
  }, [ready, start, stop]);
  return found?.for === key ? found.id : null;
}
