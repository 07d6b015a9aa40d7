import { expect, it } from 'vitest';
import { telling } from './roles';

it('tells the widest scope alone', () => {
  expect(telling(['VIEW_AUDIT', 'INTERACTIONS_AGENT_VIEW', 'INTERACTIONS_FULL_VIEW'])).toEqual(['VIEW_AUDIT', 'INTERACTIONS_FULL_VIEW']);
  expect(telling(['INTERACTIONS_AGENT_VIEW'])).toEqual(['INTERACTIONS_AGENT_VIEW']);
});
