/** A point in time, in the time zone and the language of the viewer. */
import { Tooltip } from '@mantine/core';
import { dateAndTime, dateOf, fullTime } from './format';

interface Props {
  /** As the API has it. */
  value: string;
  /** A date alone where the time of day does not matter. */
  dateOnly?: boolean;
}

export function TimeText({ value, dateOnly = false }: Props) {
  return (
    <Tooltip label={fullTime(value)} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={value}>{(dateOnly ? dateOf : dateAndTime)(value)}</time>
    </Tooltip>
  );
}
