// Package graph is the GraphQL API of schema.graphqls: resolvers by noun, the guard that enforces roles, connections, limits and
// errors. It holds no rule and no SQL: compliance decides, db stores.
//
// A conversation is read with everything that the selection asks for at once, one statement a relation (see relations.go), so
// that the fields below it are plain and a page costs the same number of statements whatever its size.
package graph
