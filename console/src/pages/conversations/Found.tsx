/** The table with what belongs to it: what can be done with the selected ones, and the way to further pages. */
import type { RefObject } from 'react';
import classes from './Detail.module.css';
import { Paging } from './Paging';
import { none, type Selection } from './selection';
import { SelectionBar } from './SelectionBar';
import { TableView } from './TableView';
import type { Beside } from './useBeside';
import type { Listing } from './useListing';
import type { Viewing } from './useView';

interface Props {
  listing: Listing;
  viewing: Viewing;
  /** Undefined until they are known. */
  keys: string[] | undefined;
  selection: Selection;
  /** Undefined where there is nothing to select for. */
  onSelect: ((selection: Selection) => void) | undefined;
  onAnonymize: () => void;
  detail: Beside;
  table: RefObject<HTMLTableElement | null>;
}

export function Found({ onAnonymize, ...shown }: Props) {
  const { listing, viewing, selection, onSelect } = shown;
  const elsewhere = [...selection.ids].filter((id) => !listing.page?.nodes.some((row) => row.id === id)).length;
  return (
    <div className={classes.table}>
      <TableView {...shown} />
      <SelectionBar selected={selection.ids.size} elsewhere={elsewhere} onClear={() => onSelect?.(none)} onAnonymize={onAnonymize} />
      <Paging page={listing.page} view={viewing.view} onShow={viewing.show} />
    </div>
  );
}
