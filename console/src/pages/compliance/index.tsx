/** Administration > Compliance: what counts as personal data here. */
import { Text } from '@mantine/core';
import { graphql } from '../../api/generated';
import { useApiQuery } from '../../api/useApiQuery';
import { useLive } from '../../api/useLive';
import { Page } from '../../ui/Page';
import { QueryView } from '../../ui/QueryView';

const SETTINGS = graphql(`
  query ComplianceSettings {
    complianceSettings {
      version
      savedAt
      savedBy
    }
  }
`);

const CHANGED = graphql(`
  subscription ComplianceSettingsChanged {
    complianceSettingsChanged {
      version
    }
  }
`);

export default function Compliance() {
  const query = useApiQuery(SETTINGS);
  useLive(CHANGED, {}, { next: query.refetch, gap: query.refetch });
  return (
    <Page title="Compliance" description="Choose which personal data is removed when conversations are anonymized.">
      <QueryView query={query} label="Loading the settings">
        {({ complianceSettings }) => <Text>Version {complianceSettings.version} is in force.</Text>}
      </QueryView>
    </Page>
  );
}
