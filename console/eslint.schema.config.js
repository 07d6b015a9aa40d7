// What is checked of ../schema.graphqls. It runs at the top of the repository, since ESLint leaves out what lies above the folder of its run.
import { resolve } from 'node:path';
import graphql from '@graphql-eslint/eslint-plugin';

const { rules: recommended } = graphql.configs['flat/schema-recommended'];
const { rules: relay } = graphql.configs['flat/schema-relay'];
const [level, names] = recommended['@graphql-eslint/naming-convention'];

/** A Boolean answers a question, but for the switches of Basic Data, and the values of an audit event. */
const question = { style: 'camelCase', requiredPrefixes: ['is', 'has'] };
/** The conditions of a filter have the names that they have in the filter. */
const ofCriteria = '[parent.name.value=AnonymizationJobCriteria]';
const ofSwitches = '[parent.name.value=BasicData]';

export default [
  {
    files: ['schema.graphqls'],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: resolve(import.meta.dirname, '../schema.graphqls') } },
    },
    plugins: { '@graphql-eslint': graphql },
    rules: {
      ...recommended,
      ...relay,
      '@graphql-eslint/naming-convention': [
        level,
        {
          ...names,
          [`FieldDefinition[gqlType.name.value=Boolean]:not(${ofSwitches})`]: question,
          [`FieldDefinition[gqlType.gqlType.name.value=Boolean]:not(${ofSwitches})`]: question,
          [`FieldDefinition[gqlType.name.value=DateTime]${ofCriteria}`]: { style: 'camelCase', requiredSuffixes: ['From', 'To'] },
          [`FieldDefinition[gqlType.name.value=DateTime]:not(${ofCriteria})`]: {
            style: 'camelCase',
            requiredSuffixes: ['At', 'Until', 'until'],
          },
          'FieldDefinition[gqlType.gqlType.name.value=DateTime]': { style: 'camelCase', requiredSuffixes: ['At'] },
        },
      ],
      '@graphql-eslint/require-description': [
        'error',
        {
          types: true,
          rootField: true,
          DirectiveDefinition: true,
          EnumValueDefinition: true,
          FieldDefinition: true,
          InputValueDefinition: true,
        },
      ],
      '@graphql-eslint/input-name': ['error', { checkInputType: true, caseSensitiveInputType: false }],
      '@graphql-eslint/no-scalar-result-type-on-mutation': 'error',
      '@graphql-eslint/require-deprecation-date': 'error',
      // The audit log is read forward only.
      '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
      // Values, effects and parts of a conversation are lists without places to go on from. A message has no id.
      '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
      // One line stands in quotes, more than one in a block.
      '@graphql-eslint/description-style': 'off',
      // What has an id is a Node, and what is none has no id: graph/schema_test.go.
      '@graphql-eslint/strict-id-in-types': 'off',
    },
  },
];
