/** Asks for a conversation as vCon and saves it. Nothing of it is kept in this page. */
import { useState } from 'react';
import { useClient } from 'urql';
import { toApiError } from '../../api/errors';
import { graphql } from '../../api/generated';
import { inWords } from '../../ui/format';
import { errorText } from '../../ui/states';

const EXPORT = graphql(`
  mutation ExportConversation($input: ExportConversationInput!) {
    exportConversation(input: $input) {
      vcon
      userErrors {
        message
      }
    }
  }
`);

export function useExport(id: string, fileName: string) {
  const client = useClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  // Not useApiMutation, which would hold the answer for as long as the page is there.
  const run = async (includeMedia: boolean): Promise<boolean> => {
    setBusy(true);
    setProblem(null);
    const { data, error } = await client.mutation(EXPORT, { input: { conversationId: id, includeMedia } }).toPromise();
    setBusy(false);
    const vcon = data?.exportConversation.vcon;
    if (vcon) save(JSON.stringify(vcon, null, 2), fileName);
    else
      setProblem(
        error ? errorText(toApiError(error)) : inWords(data?.exportConversation.userErrors[0]?.message ?? 'The server sent no data'),
      );
    return Boolean(vcon);
  };
  return { run, busy, problem };
}

function save(text: string, fileName: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  URL.revokeObjectURL(url);
}
