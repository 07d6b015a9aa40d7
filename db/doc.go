// Package db is the one place that knows SQL: the tables as bun models, and the queries and transactions on them, by noun. It
// knows nothing of GraphQL, and takes every rule's values from package compliance.
//
// A Store is the way in. Each of its methods that changes something is one transaction, which holds the change and
// its audit event. Methods that show conversations take an Access, and treat what it does not cover as if it did not exist.
package db
