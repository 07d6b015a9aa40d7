/** Says that a list has more than is shown. */
import { Text } from '@mantine/core';
import { numeral } from './format';

export function More({ shown, of, what }: { shown: number; of: number; what: string }) {
  if (of <= shown) return null;
  return (
    <Text size="sm" c="dimmed">
      {numeral(of - shown)} more {what} are not shown
    </Text>
  );
}
