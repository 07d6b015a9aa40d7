import { act, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { Client, fetchExchange, cacheExchange, gql, Provider, type TypedDocumentNode } from 'urql';
import { describe, expect, it, vi } from 'vitest';
import { MemoryContext, useForget } from './forget';
import { useApiQuery } from './useApiQuery';

const QUERY: TypedDocumentNode<{ phone: string }, Record<string, never>> = gql`
  {
    phone
  }
`;

/** A server that gives each answer when it is told to. */
function slowServer() {
  const waiting: ((phone: string) => void)[] = [];
  const fetch = () =>
    new Promise<Response>((resolve) => waiting.push((phone) => resolve(Response.json({ data: { __typename: 'Query', phone } }))));
  return { fetch, answer: (phone: string) => act(() => Promise.resolve(waiting.shift()?.(phone))), waiting };
}

const ONE: TypedDocumentNode<{ phone: string }, { id: string }> = gql`
  query ($id: ID) {
    phone(id: $id)
  }
`;

/** Shows what is known of the question, and whether that failed. */
function One({ id, question }: { id: string; question?: string }) {
  const { data, error } = useApiQuery(ONE, { variables: { id }, question });
  return (
    <p>
      {data?.phone ?? 'nothing'}
      {error && `, ${error.kind}`}
    </p>
  );
}

function Phone() {
  const { data } = useApiQuery(QUERY);
  return <button onClick={useForget()}>{data?.phone ?? 'nothing'}</button>;
}

function Console({ fetch }: { fetch: typeof globalThis.fetch }) {
  const newClient = () =>
    new Client({ url: 'http://here/graphql', fetch, preferGetMethod: false, exchanges: [cacheExchange, fetchExchange] });
  const [held, setHeld] = useState(() => ({ epoch: 0, client: newClient() }));
  const memory = { epoch: held.epoch, forget: () => setHeld(({ epoch }) => ({ epoch: epoch + 1, client: newClient() })) };
  return (
    <Provider value={held.client}>
      <MemoryContext value={memory}>
        <Phone />
      </MemoryContext>
    </Provider>
  );
}

describe('useForget', () => {
  it('takes what was shown off the page at once, and asks anew', async () => {
    const server = slowServer();
    render(<Console fetch={server.fetch} />);
    await vi.waitFor(() => expect(server.waiting).toHaveLength(1));
    await server.answer('+420 1');
    await screen.findByText('+420 1');
    act(() => screen.getByRole('button').click());
    expect(screen.getByRole('button').textContent).toBe('nothing');
    await vi.waitFor(() => expect(server.waiting).toHaveLength(1));
    await server.answer('[anonphonenumber]');
    await screen.findByText('[anonphonenumber]');
  });
});

describe('an answer', () => {
  const shows = async (text: string) => vi.waitFor(() => expect(screen.getByRole('paragraph').textContent).toBe(text));
  const newClient = (fetch: typeof globalThis.fetch) =>
    new Client({ url: 'http://here/graphql', fetch, preferGetMethod: false, exchanges: [cacheExchange, fetchExchange] });

  it.each([
    [undefined, 'nothing', 'nothing, offline'],
    ['the same', '+420 1', '+420 1, offline'],
  ])('of the question %s, while another is asked, and where that fails', async (question, waiting, failed) => {
    const server = slowServer();
    let away = false;
    const client = newClient(() => (away ? Promise.reject(new TypeError('away')) : server.fetch()));
    const of = (id: string) => (
      <Provider value={client}>
        <One id={id} question={question} />
      </Provider>
    );
    const { rerender } = render(of('a'));
    await vi.waitFor(() => expect(server.waiting).toHaveLength(1));
    await server.answer('+420 1');
    await shows('+420 1');
    rerender(of('b'));
    await shows(waiting);
    away = true;
    rerender(of('c'));
    await shows(failed);
  });
});
