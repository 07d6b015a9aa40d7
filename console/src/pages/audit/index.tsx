/** The audit log: who changed or removed what, and when. */
import { Button, Stack, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import { useApiQuery } from '../../api/useApiQuery';
import { Page } from '../../ui/Page';
import { QueryView } from '../../ui/QueryView';
import { Empty } from '../../ui/states';
import { Download } from './Download';
import { backwards, inputOf, paramsOf } from './filter';
import { Filters } from './Filters';
import { NewerNotice } from './NewerNotice';
import { OperationList } from './OperationList';
import { Pager } from './Pager';
import { OPERATIONS, PAGE_SIZE } from './queries';
import { zoneName } from './times';
import { useAuditView, useNewestInstead, type View } from './useAuditView';
import { useKnownUsers } from './useKnownUsers';

export default function Audit() {
  const view = useAuditView();
  const { filter, user, after } = view;
  const [asOf, setAsOf] = useState(() => Date.now());
  const input = inputOf(filter, user?.userId ?? null, asOf);
  const question = JSON.stringify([paramsOf(filter).toString(), user?.userId, after]);
  const variables = { first: PAGE_SIZE, after, filter: input };
  const query = useApiQuery(OPERATIONS, { variables, pause: backwards(filter), question });
  const page = query.data?.auditOperations;
  const nodes = page?.nodes;
  useNewestInstead(query.error, view);
  const users = useKnownUsers(nodes, user);
  const refresh = () => {
    setAsOf(Date.now());
    if (after) view.newest();
    query.refetch();
  };
  const busy = query.fetching && nodes !== undefined;
  return (
    <Page
      title="Audit log"
      description="Who changed or removed what, and when. Events cannot be changed or deleted."
      actions={<Actions view={view} busy={busy} refresh={refresh} />}
    >
      <Filters view={view} users={users} />
      {!backwards(filter) && (
        <>
          {after === null && (
            <NewerNotice filter={input} shown={nodes?.[0]?.id ?? null} ready={nodes !== undefined && !query.fetching} show={refresh} />
          )}
          <QueryView query={query} label="Loading the audit log">
            {({ auditOperations: shown }) => (
              <Stack gap="xs" aria-busy={busy}>
                <Text size="sm" c="dimmed">
                  Newest first. Times are in {zoneName()}.
                </Text>
                {shown.nodes.length === 0 ? <Nothing view={view} /> : <OperationList operations={shown.nodes} view={view} />}
              </Stack>
            )}
          </QueryView>
          <Pager view={view} olderAfter={page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null} />
        </>
      )}
    </Page>
  );
}

function Actions({ view, busy, refresh }: { view: View; busy: boolean; refresh: () => void }) {
  return (
    <>
      <Button variant="default" leftSection={<IconRefresh size={18} aria-hidden />} loading={busy} onClick={refresh}>
        Refresh
      </Button>
      <Download view={view} />
    </>
  );
}

function Nothing({ view }: { view: View }) {
  if (view.after) return <Empty title="No older events match" />;
  const narrowed = view.user !== null || paramsOf(view.filter).size > 0;
  if (!narrowed) return <Empty title="No events in the last 10 days" />;
  return (
    <Empty title="No matching events">
      <Button variant="default" size="xs" onClick={view.clear}>
        Clear the filters
      </Button>
    </Empty>
  );
}
