/** A stored text with its line breaks; a long one is folded. It is never anything but text. */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { Stored } from '../../ui/Stored';
import { foldedAt } from './fold';
import classes from './texts.module.css';

export function LongText({ text, anonymized }: { text: string; anonymized: boolean }) {
  const [open, setOpen] = useState(false);
  const end = anonymized ? text.length : foldedAt(text);
  const shown = open || end === text.length ? text : `${text.slice(0, end)} …`;
  return (
    <>
      <div className={classes.text} dir="auto">
        <Stored value={shown} anonymized={anonymized} />
      </div>
      {end < text.length && (
        <Fold
          open={open}
          toggle={() => setOpen(!open)}
          label={open ? 'Show less' : `Show all ${text.length.toLocaleString()} characters`}
        />
      )}
    </>
  );
}

/** Fold opens and closes what is folded. */
export function Fold({ open, toggle, label }: { open: boolean; toggle: () => void; label: string }) {
  return (
    <Button size="compact-sm" variant="subtle" onClick={toggle} aria-expanded={open} className={classes.fold}>
      {label}
    </Button>
  );
}
