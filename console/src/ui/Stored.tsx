/** A stored value, or the placeholder that stands in its place, set apart from real text. */
import classes from './Stored.module.css';

interface Props {
  /** The text as it is stored; null shows nothing. */
  value: string | null | undefined;
  /** Whether it is a placeholder, as the API says it. Never guess it from the text: somebody may have typed it. */
  anonymized: boolean;
}

export function Stored({ value, anonymized }: Props) {
  if (value == null || value === '') return null;
  if (!anonymized) return <>{value}</>;
  return (
    <span className={classes.placeholder} title="Personal data was removed">
      {value}
    </span>
  );
}
