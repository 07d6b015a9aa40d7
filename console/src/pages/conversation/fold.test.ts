import { describe, expect, it } from 'vitest';
import { foldedAt, splitQuote } from './fold';

describe('foldedAt', () => {
  it('leaves a text alone that is little longer than what would be shown', () => {
    expect(foldedAt('word '.repeat(300))).toBe(1500);
  });

  it('ends with a word', () => {
    const text = 'word '.repeat(1000);
    expect(text.slice(0, foldedAt(text))).toMatch(/ word$/);
  });

  it('halves no character', () => {
    const text = `x${'😡'.repeat(2000)}`;
    expect(foldedAt(text) % 2).toBe(1);
  });
});

describe('splitQuote', () => {
  it('parts the answer from what it answers', () => {
    expect(splitQuote('Yes.\n\nOn Sunday, Ingrid wrote:\n> Hello,\n> \n\n> really?\n')).toEqual([
      'Yes.',
      'On Sunday, Ingrid wrote:\n> Hello,\n> \n\n> really?',
    ]);
  });

  it.each(['Yes.\n\n', '> only a quote', 'a > b', '> asked\nanswered below'])('leaves %j whole', (text) => {
    expect(splitQuote(text)).toEqual([text, '']);
  });
});
