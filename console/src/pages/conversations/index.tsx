/** The Conversation Explorer: conversations are found, looked over, and anonymized. */
import { Alert, Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { AnonymizeDialog } from '../../anonymize/AnonymizeDialog';
import { useMay } from '../../auth/viewer';
import { Page } from '../../ui/Page';
import { FilterBar } from './FilterBar';
import { Paging } from './Paging';
import { isNothing, nothing } from './search';
import { none, type Selection } from './selection';
import { SelectionBar } from './SelectionBar';
import { Summary } from './Summary';
import { TableView } from './TableView';
import { useFilterKeys, useListing } from './useListing';
import { useView } from './useView';

export default function Conversations() {
  const viewing = useView();
  const { view, search, show, find } = viewing;
  const keys = useFilterKeys();
  const listing = useListing(view, search);
  const [selection, setSelection] = useSelection(viewing);
  const mayAnonymize = useMay('INTERACTION_ANONYMIZE');
  const [asking, setAsking] = useState(false);
  const [cleared, setCleared] = useState(false);
  const table = useRef<HTMLTableElement>(null);

  const home = useHoming(table, !asking);

  const done = () => {
    home();
    listing.drop();
    setSelection(none);
    setCleared(!isNothing(search));
    if (!isNothing(search)) find(nothing); // it may say what was just removed
  };
  const elsewhere = [...selection.ids].filter((id) => !listing.page?.nodes.some((row) => row.id === id)).length;
  return (
    <Page title="Conversations" actions={<Refresh onClick={listing.again} />}>
      <FilterBar viewing={viewing} keys={keys ?? []} />
      <Summary total={listing.total} viewing={viewing} />
      {cleared && isNothing(search) && <SearchCleared onClose={() => setCleared(false)} />}
      <TableView
        listing={listing}
        viewing={viewing}
        keys={keys}
        selection={selection}
        onSelect={mayAnonymize ? setSelection : undefined}
        table={table}
      />
      <SelectionBar
        selected={selection.ids.size}
        elsewhere={elsewhere}
        onClear={() => setSelection(none)}
        onAnonymize={() => setAsking(true)}
      />
      <Paging page={listing.page} view={view} onShow={show} />
      {mayAnonymize && <AnonymizeDialog ids={[...selection.ids]} opened={asking} onClose={() => setAsking(false)} onDone={done} />}
    </Page>
  );
}

/** useHoming returns the function that brings the focus to the table, once the dialog is closed and the rows are there again: the button that opened it is gone. */
function useHoming(table: RefObject<HTMLTableElement | null>, closed: boolean): () => void {
  const wanted = useRef(false);
  useEffect(() => {
    const row = table.current?.querySelector<HTMLElement>('[data-id][tabindex="0"]');
    if (!wanted.current || !closed || !row) return;
    wanted.current = false;
    row.focus();
  });
  return () => void (wanted.current = true);
}

/** useSelection lasts from page to page; with other filters on it would hold what one does not see. */
function useSelection({ view, search }: ReturnType<typeof useView>) {
  const [selection, setSelection] = useState<Selection>(none);
  const filters = JSON.stringify({ ...view, after: null, before: null, order: null, size: null, search });
  const [seen, setSeen] = useState(filters);
  if (seen !== filters) {
    setSeen(filters);
    setSelection(none);
  }
  return [selection, setSelection] as const;
}

function Refresh({ onClick }: { onClick: () => void }) {
  return (
    <Button variant="default" size="xs" leftSection={<IconRefresh size={16} aria-hidden />} onClick={onClick}>
      Refresh
    </Button>
  );
}

function SearchCleared({ onClose }: { onClose: () => void }) {
  const alert = useRef<HTMLDivElement>(null);
  useEffect(() => alert.current?.scrollIntoView({ block: 'nearest' }), []);
  return (
    <Alert ref={alert} color="blue" withCloseButton closeButtonLabel="Close" onClose={onClose}>
      The search for a phone number, address or metadata value was cleared: what you searched for may have been removed just now.
    </Alert>
  );
}
