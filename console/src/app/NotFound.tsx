/** What stands at an address where there is no page. */
import { Anchor, Text } from '@mantine/core';
import { Link } from 'react-router';
import { Page } from '../ui/Page';

export function NotFound() {
  return (
    <Page title="Page not found">
      <Text>
        Check the address or go to the{' '}
        <Anchor component={Link} to="/conversations">
          conversations
        </Anchor>
        .
      </Text>
    </Page>
  );
}
