/** Names with their values, one below or beside the other as there is room. */
import { Fragment, type ReactNode } from 'react';
import classes from './Facts.module.css';

export type Fact = [name: string, value: ReactNode];

/** Facts leaves out what has no value; wide lays them side by side. */
export function Facts({ facts, wide = false }: { facts: Fact[]; wide?: boolean }) {
  return (
    <dl className={wide ? classes.wide : classes.narrow}>
      {facts
        .filter(([, value]) => Boolean(value))
        .map(([name, value]) =>
          wide ? (
            <div key={name}>
              <Pair name={name} value={value} />
            </div>
          ) : (
            <Fragment key={name}>
              <Pair name={name} value={value} />
            </Fragment>
          ),
        )}
    </dl>
  );
}

function Pair({ name, value }: { name: string; value: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
