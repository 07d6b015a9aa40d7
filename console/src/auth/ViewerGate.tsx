/** Asks who is signed in before any page is shown, and hands the session over to GraphiQL. */
import { Container, Stack, Title } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { graphql } from '../api/generated';
import { useApiQuery } from '../api/useApiQuery';
import { QueryView } from '../ui/QueryView';
import { answerGraphiQL } from './handover';
import { useSession } from './useSession';
import { ViewerContext, type Viewer } from './viewer';

const VIEWER = graphql(`
  query Viewer {
    viewer {
      userId
      name
      roles
    }
  }
`);

/** Who is signed in outlives useForget: otherwise every page, with what it has to say about the mutation, would go with the answer. */
export function ViewerGate({ children }: { children: ReactNode }) {
  const query = useApiQuery(VIEWER);
  const [known, setKnown] = useState<Viewer>();
  const { viewer = known } = query.data ?? {};
  if (viewer !== known) setKnown(viewer);
  if (viewer) return <SignedIn viewer={viewer}>{children}</SignedIn>;
  return (
    <Frame>
      <QueryView query={query}>{() => null}</QueryView>
    </Frame>
  );
}

/** Frame stands around what is said while the shell, which needs to know who is signed in, is not there yet. */
function Frame({ children }: { children: ReactNode }) {
  return (
    <Container component="main" size="xs" py="xl">
      <Stack>
        <Title order={1}>qm-compliance</Title>
        {children}
      </Stack>
    </Container>
  );
}

function SignedIn({ viewer, children }: { viewer: Viewer; children: ReactNode }) {
  const { session } = useSession();
  useEffect(() => answerGraphiQL(session, viewer.name), [session, viewer.name]);
  return <ViewerContext value={viewer}>{children}</ViewerContext>;
}
