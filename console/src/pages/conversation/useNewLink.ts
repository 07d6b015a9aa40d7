/** A new link to play a file; the one that came with the conversation holds for some minutes. */
import { useCallback } from 'react';
import { useClient } from 'urql';
import { graphql } from '../../api/generated';

const LINKS = graphql(`
  query PlaybackLinks($id: ID!) {
    conversation(id: $id) {
      id
      media {
        id
        playbackUrl
      }
    }
  }
`);

export function useNewLink(conversationId: string, fileId: string): () => Promise<string | null> {
  const client = useClient();
  return useCallback(async () => {
    const { data } = await client.query(LINKS, { id: conversationId }, { requestPolicy: 'network-only' }).toPromise();
    return data?.conversation?.media.find(({ id }) => id === fileId)?.playbackUrl ?? null;
  }, [client, conversationId, fileId]);
}
