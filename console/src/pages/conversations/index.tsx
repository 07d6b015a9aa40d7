/** The Conversation Explorer: conversations are found, looked over, and anonymized. */
import { Alert, Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { AnonymizeDialog } from '../../anonymize/AnonymizeDialog';
import { useMay } from '../../auth/viewer';
import { Page } from '../../ui/Page';
import { Detail } from './Detail';
import classes from './Detail.module.css';
import { FilterBar } from './FilterBar';
import { Found } from './Found';
import { isNothing } from './search';
import { none } from './selection';
import { Summary } from './Summary';
import { useBeside } from './useBeside';
import { useHoming } from './useHoming';
import { useFilterKeys, useListing } from './useListing';
import { useDialog, useQuestion, useSelection } from './useQuestion';
import { useFirstPageInstead, useView } from './useView';

export default function Conversations() {
  const viewing = useView();
  const { view, search, show } = viewing;
  const keys = useFilterKeys();
  const question = useQuestion(viewing);
  const listing = useListing(view, question);
  useFirstPageInstead(listing.error, viewing);
  const [selection, setSelection] = useSelection(question);
  const mayAnonymize = useMay('INTERACTION_ANONYMIZE');
  const dialog = useDialog(question);
  const table = useRef<HTMLTableElement>(null);
  const home = useHoming(table, !dialog.opened);
  const detail = useBeside(viewing, home);
  const forgotten = () => {
    listing.drop();
    if (!isNothing(search)) show({}); // the search is gone, and with it the page
  };
  const done = () => {
    dialog.done();
    home();
    setSelection(none);
    forgotten();
  };
  const covered = detail.id !== null && !detail.wide;
  return (
    <Page title="Conversations" actions={<Refresh onClick={listing.again} />}>
      {!covered && <FilterBar viewing={viewing} keys={keys ?? []} folded={detail.id !== null} />}
      {!covered && <Summary total={listing.total} viewing={viewing} />}
      {viewing.dropped && <SearchCleared onClose={viewing.seen} />}
      <div className={detail.id !== null && detail.wide ? classes.beside : undefined}>
        {!covered && (
          <Found
            {...{ viewing, listing, keys, selection, detail, table }}
            onSelect={mayAnonymize ? setSelection : undefined}
            onAnonymize={dialog.open}
          />
        )}
        {detail.id !== null && <Detail id={detail.id} beside={detail} onAnonymized={forgotten} />}
      </div>
      {mayAnonymize && <AnonymizeDialog ids={[...selection.ids]} opened={dialog.opened} onClose={dialog.close} onDone={done} />}
    </Page>
  );
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
      The search was cleared, because the value may have been removed.
    </Alert>
  );
}
