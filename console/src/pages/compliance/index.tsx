/** Administration > Compliance: what counts as personal data here. */
import { useState } from 'react';
import { useApiQuery, type ApiQuery } from '../../api/useApiQuery';
import { useLive } from '../../api/useLive';
import { useMay } from '../../auth/viewer';
import { Page } from '../../ui/Page';
import { QueryView } from '../../ui/QueryView';
import { Loading } from '../../ui/states';
import { isBehind } from './begin';
import { Editor } from './Editor';
import { CHANGED, HISTORY, SETTINGS, type Settings } from './operations';

const LOADING = 'Loading the settings';

export default function Compliance() {
  const query = useApiQuery(SETTINGS);
  useLive(CHANGED, {}, { next: query.refetch, gap: query.refetch });
  const fresh = useFresh(query);
  return (
    <Page title="Compliance" description="Choose which personal data is removed when conversations are anonymized.">
      <QueryView query={query} label={LOADING}>
        {({ complianceSettings }) => (fresh ? <Begin settings={complianceSettings} /> : <Pending query={query} />)}
      </QueryView>
    </Page>
  );
}

/** useFresh waits for the first answer of the server itself: a draft begins with what is kept there now, not with what was on view an hour ago. */
function useFresh({ data, fetching, error }: ApiQuery<unknown>): boolean {
  const [fresh, setFresh] = useState(false);
  if (!fresh && data !== undefined && !fetching && !error) setFresh(true);
  return fresh;
}

const Pending = ({ query }: { query: ApiQuery<unknown> }) => (query.error ? null : <Loading label={LOADING} />);

/** Begin asks the audit log, where one may read it, what was saved since a draft was begun. */
function Begin({ settings }: { settings: Settings }) {
  const mayRead = useMay('VIEW_AUDIT');
  const [needed] = useState(mayRead && isBehind(settings));
  const history = useApiQuery(HISTORY, { pause: !needed });
  const known = useFresh(history);
  if (needed && !known && !history.error) return <Loading label={LOADING} />;
  return <Editor settings={settings} history={history.data?.auditEvents} />;
}
