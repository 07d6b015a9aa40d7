/**
 * The connection to the API. Queries are kept in urql's document cache, in the memory of this page only; a mutation drops every answer that has
 * one of the types that it returned. To drop all, see forget.ts.
 */
import { authExchange } from '@urql/exchange-auth';
import { cacheExchange, Client, fetchExchange, type CombinedError } from 'urql';
import type { Session } from '../auth/session';
import { watchedFetch } from './connection';

/** newClient makes a client. One that is not cached keeps no answer: it is for what is saved to a file and not shown. */
export function newClient(session: Session, cached = true): Client {
  return new Client({
    url: '/graphql',
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    fetch: watchedFetch,
    exchanges: [...(cached ? [cacheExchange] : []), signing(session), fetchExchange],
  });
}

/** signing sends the token, and holds requests that the server refuses because the token is not valid, until the user has signed in again. The server ran nothing of them. */
function signing(session: Session) {
  return authExchange((utilities) => {
    let sent = '';
    return Promise.resolve({
      addAuthToOperation: (operation) => {
        sent = session.current;
        return utilities.appendHeaders(operation, { Authorization: `Bearer ${sent}` });
      },
      willAuthError: () => session.state().expired,
      didAuthError: isUnauthenticated,
      refreshAuth: async () => {
        if (session.state().expired) await session.token();
        else await session.refused(sent);
      },
    });
  });
}

function isUnauthenticated(error: CombinedError): boolean {
  return error.graphQLErrors.some(({ extensions }) => extensions.code === 'UNAUTHENTICATED');
}
