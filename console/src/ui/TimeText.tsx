/** A point in time, in the time zone and the language of the viewer. */
import { Tooltip } from '@mantine/core';

interface Props {
  /** As the API has it. */
  value: string;
  /** A date alone where the time of day does not matter. */
  dateOnly?: boolean;
}

const shortDate = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const short = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

export function TimeText({ value, dateOnly = false }: Props) {
  const date = new Date(value);
  return (
    <Tooltip label={full.format(date)} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={value}>{(dateOnly ? shortDate : short).format(date)}</time>
    </Tooltip>
  );
}
