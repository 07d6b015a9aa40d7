/** The table in whichever state it is: on its way, empty, failed, or there. */
import { Button } from '@mantine/core';
import type { RefObject } from 'react';
import { Failed } from '../../ui/Failed';
import { Empty } from '../../ui/states';
import { activeFilters } from './active';
import { Skeleton } from './Skeleton';
import { Grid } from './Grid';
import type { Selection } from './selection';
import type { Beside } from './useBeside';
import type { Listing } from './useListing';
import type { Viewing } from './useView';

interface Props {
  listing: Listing;
  viewing: Viewing;
  /** Undefined until they are known. */
  keys: string[] | undefined;
  selection: Selection;
  onSelect: ((selection: Selection) => void) | undefined;
  detail: Beside;
  table: RefObject<HTMLTableElement | null>;
}

export function TableView({ listing, viewing, keys, selection, onSelect, detail, table }: Props) {
  const { page, error, fetching, again, backwards } = listing;
  const { view, show } = viewing;
  if (backwards) return <Empty title="The period ends before it starts" />;
  if (error && page === undefined) return <Failed error={error} retry={again} />;
  if (keys === undefined && !error) return <Skeleton rows={view.size} columns={7} />;
  return (
    <>
      {error && <Failed error={error} retry={again} />}
      {page?.nodes.length === 0 && !error ? (
        <Nothing viewing={viewing} />
      ) : (
        <Grid
          question={listing.key}
          rows={page?.nodes}
          size={view.size}
          keys={keys ?? []}
          busy={fetching}
          selection={selection}
          onSelect={onSelect}
          order={view.order}
          onOrder={(order) => show({ order })}
          detail={detail}
          ref={table}
        />
      )}
    </>
  );
}

function Nothing({ viewing }: { viewing: Viewing }) {
  const { view, show, clear } = viewing;
  if (view.after !== null || view.before !== null) {
    return (
      <Empty title="This page is empty now">
        <Button size="xs" variant="default" onClick={() => show({})}>
          Go to the first page
        </Button>
      </Empty>
    );
  }
  if (activeFilters(viewing).length === 0) return <Empty title="No conversations" />;
  return (
    <Empty title="No matching conversations">
      <Button size="xs" variant="default" onClick={clear}>
        Clear all filters
      </Button>
    </Empty>
  );
}
