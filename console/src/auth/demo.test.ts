import { describe, expect, it } from 'vitest';
import { expiryOf } from './demo';

const token = (claims: object) => `e30.${btoa(JSON.stringify(claims))}.x`;

describe('expiryOf', () => {
  it('counts from now on, whatever the clock of the server says', () => {
    expect(expiryOf(token({ iat: 5, exp: 3605 }), 1_000_000)).toBe(1_000_000 + 3_600_000);
  });

  it.each(['', 'opaque', token({}), 'e30.%%.x'])('knows nothing of %j', (text) => {
    expect(expiryOf(text, 0)).toBeNull();
  });
});
