/** Administration > Metadata keys: which keys are filters, which join conversations, and which are anonymized. */
import { useApiQuery } from '../../api/useApiQuery';
import { useLive } from '../../api/useLive';
import { useMay } from '../../auth/viewer';
import { Page } from '../../ui/Page';
import { QueryView } from '../../ui/QueryView';
import { Empty } from '../../ui/states';
import { Keys } from './Keys';
import { CHANGED, KEYS, SWITCHES } from './operations';

export default function MetadataKeys() {
  const query = useApiQuery(KEYS);
  const anonymized = useAnonymized(query.refetch);
  return (
    <Page title="Metadata keys" description="Fields that other systems attach to conversations. Keys appear here when first imported.">
      <QueryView query={query} label="Loading the keys">
        {({ metadataKeys }) =>
          metadataKeys.length === 0 ? (
            <Empty title="No metadata keys yet">Keys appear here when first imported.</Empty>
          ) : (
            <Keys keys={metadataKeys} anonymized={anonymized} />
          )
        }
      </QueryView>
    </Page>
  );
}

/** useAnonymized returns the keys that are on in the compliance settings, undefined for users without access; it reloads with each change. */
function useAnonymized(refetchKeys: () => void): ReadonlySet<string> | undefined {
  const allowed = useMay('INTERACTION_ANONYMIZE');
  const { data, refetch } = useApiQuery(SWITCHES, { pause: !allowed });
  const askAnew = () => {
    refetchKeys();
    refetch();
  };
  useLive(CHANGED, {}, { next: askAnew, gap: askAnew }, !allowed);
  if (!data) return undefined;
  const { customData, otherData } = data.complianceSettings;
  return new Set([...customData, ...otherData].filter(({ isAnonymized }) => isAnonymized).map(({ key }) => key));
}
