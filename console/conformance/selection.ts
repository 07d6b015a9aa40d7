/** What an operation can select: everything that the schema has, so that no field is forgotten. */
import {
  getNamedType,
  isAbstractType,
  isLeafType,
  isNonNullType,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';

/**
 * everything selects all fields of a type, and of the types within it: of lists by their edges, of each type only where it does not lie within
 * itself, and so many deep. A field that needs an argument is left out. Every object says its __typename.
 */
export function everything(schema: GraphQLSchema, type: GraphQLOutputType, deep = 5, within: string[] = []): string {
  const named = getNamedType(type);
  if (isLeafType(named)) return '';
  if (within.includes(named.name) || within.length >= deep) return '{ __typename }';
  if (!isAbstractType(named)) return `{ __typename ${fieldsOf(schema, named as GraphQLObjectType, deep, within)} }`;
  const parts = schema.getPossibleTypes(named).map((part) => `... on ${part.name} { ${fieldsOf(schema, part, deep, within)} }`);
  return `{ __typename ${parts.join(' ')} }`;
}

function fieldsOf(schema: GraphQLSchema, type: GraphQLObjectType, deep: number, within: string[]): string {
  const fields = type.getFields();
  const chosen = Object.values(fields).filter(({ name, args }) => !(name === 'nodes' && fields.edges) && !args.some(isNeeded));
  return chosen.map((field) => nameOf(schema, type, field) + everything(schema, field.type, deep, [...within, type.name])).join(' ');
}

const isNeeded = ({ type, defaultValue }: GraphQLField<unknown, unknown>['args'][number]) =>
  isNonNullType(type) && defaultValue === undefined;

/** nameOf is the field's name, with an alias where a type that may stand in its place has a field of that name and another type. */
function nameOf(schema: GraphQLSchema, type: GraphQLObjectType, { name, type: of }: GraphQLField<unknown, unknown>): string {
  const abstract = Object.values(schema.getTypeMap()).filter((one) => isAbstractType(one) && schema.isSubType(one, type));
  const others = abstract.flatMap((one) => schema.getPossibleTypes(one as GraphQLAbstractType));
  const clashes = others.some((other) => (other.getFields()[name]?.type ?? of).toString() !== of.toString());
  return clashes ? `${type.name}_${name}: ${name}` : name;
}
