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
    <Page title="Metadata keys" description="What other systems attach to conversations. A key is known from the first time it is seen.">
      <QueryView query={query} label="Loading the keys">
        {({ metadataKeys }) =>
          metadataKeys.length === 0 ? (
            <Empty title="No metadata key was seen yet">They come with imported conversations.</Empty>
          ) : (
            <Keys keys={metadataKeys} anonymized={anonymized} />
          )
        }
      </QueryView>
    </Page>
  );
}

/** useAnonymized tells which keys are switched on in the compliance settings, undefined to whom the API does not tell; and asks anew with each change. */
function useAnonymized(refetchKeys: () => void): ReadonlySet<string> | undefined {
  const told = useMay('INTERACTION_ANONYMIZE');
  const { data, refetch } = useApiQuery(SWITCHES, { pause: !told });
  const askAnew = () => {
    refetchKeys();
    refetch();
  };
  useLive(CHANGED, {}, { next: askAnew, gap: askAnew }, !told);
  if (!data) return undefined;
  const { customData, otherData } = data.complianceSettings;
  return new Set([...customData, ...otherData].filter(({ isAnonymized }) => isAnonymized).map(({ key }) => key));
}
