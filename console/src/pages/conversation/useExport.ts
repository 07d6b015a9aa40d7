/** Asks for a conversation as vCon and saves it. Nothing of it is kept in this page. */
import { useState } from 'react';
import { newClient } from '../../api/client';
import { toApiError } from '../../api/errors';
import { graphql } from '../../api/generated';
import { useSession } from '../../auth/useSession';
import { errorText } from '../../ui/states';

const EXPORT = graphql(`
  query ExportConversation($id: ID!, $includeMedia: Boolean!) {
    exportConversation(id: $id, includeMedia: $includeMedia)
  }
`);

export function useExport(id: string, fileName: string) {
  const { session } = useSession();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const run = async (includeMedia: boolean): Promise<boolean> => {
    setBusy(true);
    setProblem(null);
    const { data, error } = await newClient(session, false).query(EXPORT, { id, includeMedia }).toPromise();
    setBusy(false);
    const vcon = data?.exportConversation;
    if (vcon) save(JSON.stringify(vcon, null, 2), fileName);
    else setProblem(error ? errorText(toApiError(error)) : 'The conversation no longer exists, or you may no longer see it.');
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
