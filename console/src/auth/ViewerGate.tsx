/** Asks who is signed in before any page is shown, and hands the session over to GraphiQL. */
import { useEffect, type ReactNode } from 'react';
import { graphql } from '../api/generated';
import { useApiQuery } from '../api/useApiQuery';
import { QueryView } from '../ui/QueryView';
import { answerGraphiQL } from './handover';
import { useSession } from './useSession';
import { ViewerContext, type Viewer } from './viewer';

const VIEWER = graphql(`
  query Viewer {
    viewer {
      id
      name
      roles
    }
  }
`);

export function ViewerGate({ children }: { children: ReactNode }) {
  const query = useApiQuery(VIEWER);
  return <QueryView query={query}>{({ viewer }) => <SignedIn viewer={viewer}>{children}</SignedIn>}</QueryView>;
}

function SignedIn({ viewer, children }: { viewer: Viewer; children: ReactNode }) {
  const { session } = useSession();
  useEffect(() => answerGraphiQL(session, viewer.name), [session, viewer.name]);
  return <ViewerContext value={viewer}>{children}</ViewerContext>;
}
