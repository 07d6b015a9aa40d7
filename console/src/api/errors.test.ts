import { CombinedError } from 'urql';
import { describe, expect, it } from 'vitest';
import { toApiError } from './errors';

const answered = (code: string, message = 'said') =>
  new CombinedError({
    graphQLErrors: [{ message, extensions: { code } }],
    response: new Response(null, { headers: { 'X-Request-Id': 'e7a1' } }),
  });

describe('toApiError', () => {
  it.each([
    ['FORBIDDEN', { kind: 'forbidden', message: 'said', requestId: null }],
    ['INVALID', { kind: 'invalid', message: 'said', requestId: null }],
    ['UNAVAILABLE', { kind: 'unavailable', message: 'said', requestId: 'e7a1', againAfterMs: 1000 }],
    ['RATE_LIMITED', { kind: 'limited', message: 'said', requestId: null, againAfterMs: 1000 }],
    ['TIMEOUT', { kind: 'timeout', message: 'said', requestId: null }],
    ['INTERNAL', { kind: 'internal', message: 'Something went wrong on the server.', requestId: 'e7a1' }],
  ])('maps %s', (code, want) => {
    expect(toApiError(answered(code))).toEqual(want);
  });

  it('tells a server that is away from one that answers nonsense', () => {
    expect(toApiError(new CombinedError({ networkError: new TypeError('Failed to fetch') })).message).toBe('The server cannot be reached.');
    const broken = new CombinedError({ networkError: new Error('no JSON'), response: new Response(null, { status: 502 }) });
    expect(toApiError(broken)).toMatchObject({ kind: 'offline', message: 'The server returned status 502.' });
  });
});
