/** The operations that the documents show fit the contract. */
import { parse, validate } from 'graphql';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { schema } from './world';

const SHOWN = [/gql`([^`]+)`/g, /```graphql\n([^`]+)```/g, /-d '\{"query": "([^']+)"\}'/g];

test.each(['README.md', 'docs/graphql.md'])('the operations in %s', (name) => {
  const text = readFileSync(join(import.meta.dirname, '../..', name), 'utf8');
  const operations = SHOWN.flatMap((pattern) => [...text.matchAll(pattern)].map(([, operation]) => operation!));
  expect(operations.length).toBeGreaterThan(1);
  for (const operation of operations) expect(validate(schema, parse(operation)), operation).toEqual([]);
});
