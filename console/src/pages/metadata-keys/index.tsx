/** Administration > Metadata keys: which keys are filters, and which merge conversations. */
import { List } from '@mantine/core';
import { graphql } from '../../api/generated';
import { useApiQuery } from '../../api/useApiQuery';
import { Page } from '../../ui/Page';
import { QueryView } from '../../ui/QueryView';
import { Empty } from '../../ui/states';

const KEYS = graphql(`
  query MetadataKeys {
    metadataKeys {
      key
      isFilterKey
      isCorrelationKey
    }
  }
`);

export default function MetadataKeys() {
  const query = useApiQuery(KEYS);
  return (
    <Page title="Metadata keys">
      <QueryView query={query} label="Loading the keys">
        {({ metadataKeys }) =>
          metadataKeys.length === 0 ? (
            <Empty title="No metadata key was seen yet" />
          ) : (
            <List>
              {metadataKeys.map(({ key }) => (
                <List.Item key={key}>{key}</List.Item>
              ))}
            </List>
          )
        }
      </QueryView>
    </Page>
  );
}
