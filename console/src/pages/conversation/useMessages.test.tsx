import { act, render, screen } from '@testing-library/react';
import { Client, fetchExchange, Provider } from 'urql';
import { beforeEach, expect, it, vi } from 'vitest';
import { MemoryContext } from '../../api/forget';
import type { Message, MessagePage } from './query';
import { useMessages } from './useMessages';

const message = (text: string): Message => ({ kind: 'CHAT_MESSAGE', author: null, sentAt: null, text, isAnonymized: false });

const pageOf = (texts: string[], endCursor: string | null): MessagePage => ({
  nodes: texts.map(message),
  pageInfo: { hasNextPage: endCursor !== null, endCursor },
  totalCount: 5,
});

/** What the server was asked to go on from, and how it answers when it is told to. */
const asked: { after: string; answer: (body: object) => Promise<void> }[] = [];

beforeEach(() => void asked.splice(0));

/** answer waits for request number n, and answers it. */
async function answer(n: number, body: object): Promise<void> {
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(n));
  await asked[n]!.answer(body);
  await act(() => vi.waitFor(() => expect(shown()).not.toContain('asking')));
}

const fetch = (_: unknown, request?: RequestInit) =>
  new Promise<Response>((resolve) => {
    const { variables } = JSON.parse(request!.body as string) as { variables: { after: string } };
    asked.push({ after: variables.after, answer: (body) => act(() => Promise.resolve(resolve(Response.json(body)))) });
  });

const client = new Client({ url: 'http://here/graphql', fetch, preferGetMethod: false, exchanges: [fetchExchange] });

function Chat({ first, anonymizedAt }: { first: MessagePage; anonymizedAt?: string }) {
  const { shown, hasMore, fetching, error, more } = useMessages(first, { id: 's', kinds: ['CHAT_MESSAGE'], anonymizedAt });
  return (
    <button onClick={more}>
      {[...shown.map(({ text }) => text), hasMore && 'more', fetching && 'asking', error?.kind].filter(Boolean).join(' ')}
    </button>
  );
}

const at = (epoch: number, first: MessagePage, anonymizedAt?: string) => (
  <Provider value={client}>
    <MemoryContext value={{ epoch, forget: () => undefined }}>
      <Chat first={first} anonymizedAt={anonymizedAt} />
    </MemoryContext>
  </Provider>
);

const shown = () => screen.getByRole('button').textContent;
const press = () => act(() => screen.getByRole('button').click());
const page = (texts: string[], end: string | null) => ({ data: { node: { messages: pageOf(texts, end) } } });

it('asks for one page at a time, and for none that nobody wants', async () => {
  render(at(0, pageOf(['1', '2'], 'b')));
  expect(shown()).toBe('1 2 more');
  expect(asked).toHaveLength(0);
  press();
  expect(shown()).toBe('1 2 more asking');
  await answer(0, page(['3', '4'], 'd'));
  expect(shown()).toBe('1 2 3 4 more');
  press();
  await answer(1, page(['5'], null));
  expect(shown()).toBe('1 2 3 4 5');
  expect(asked.map(({ after }) => after)).toEqual(['b', 'd']);
});

it('keeps what it has where a page fails, and asks for that again', async () => {
  render(at(0, pageOf(['1'], 'a')));
  press();
  await answer(0, { errors: [{ message: 'no', extensions: { code: 'UNAVAILABLE' } }] });
  expect(shown()).toMatch(/^1 more unavailable/);
  press();
  await answer(1, page(['2'], null));
  expect(shown()).toBe('1 2');
});

it('asks for later pages anew when the first one comes anew, and shows the earlier ones meanwhile', async () => {
  const { rerender } = render(at(0, pageOf(['1'], 'a')));
  press();
  await answer(0, page(['2'], null));
  rerender(at(0, pageOf(['one'], 'a')));
  expect(shown()).toBe('one 2');
  await answer(1, page(['two'], null));
  await vi.waitFor(() => expect(shown()).toBe('one two'));
});

it('shows nothing of before once it was anonymized or forgotten', async () => {
  const { rerender } = render(at(0, pageOf(['1'], 'a')));
  press();
  await answer(0, page(['2'], null));
  rerender(at(0, pageOf(['[gone]'], 'a'), '2026-01-01T00:00:00Z'));
  expect(shown()).toBe('[gone] more');
  press();
  await answer(1, page(['[gone] too'], null));
  expect(shown()).toBe('[gone] [gone] too');
  rerender(at(1, pageOf(['[gone]'], 'a'), '2026-01-01T00:00:00Z'));
  expect(shown()).toBe('[gone] more');
});
