// Package conversation holds the types of the domain, and everything that can be decided about a conversation
// without a database: the plan of an anonymizing, the life of a media file, what a reimport keeps, and which
// conversations merge (design, sections 4 and 5). It imports nothing of the project but package compliance.
package conversation
