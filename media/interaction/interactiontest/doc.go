// Package standin stands in for the Interaction service in tests. It holds every request to openapi.yaml, remembers what it took, and fails in the ways in
// which services fail, when it is told to.
package interactiontest
