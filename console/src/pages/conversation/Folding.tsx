/** A list of turns, folded where it is long. */
import { useState, type ReactNode } from 'react';
import { Fold } from './LongText';

const SHOWN = 40;
const WORTH_FOLDING = 50;

interface Props<Item> {
  items: Item[];
  /** What they are, in the plural. */
  what: string;
  className?: string;
  children: (item: Item, at: number) => ReactNode;
}

export function Folding<Item>({ items, what, className, children }: Props<Item>) {
  const [open, setOpen] = useState(false);
  if (items.length === 0) return null;
  const long = items.length > WORTH_FOLDING;
  return (
    <>
      <ol className={className}>{(long && !open ? items.slice(0, SHOWN) : items).map(children)}</ol>
      {long && <Fold open={open} toggle={() => setOpen(!open)} label={open ? 'Show less' : `Show all ${items.length} ${what}`} />}
    </>
  );
}
