// Package conversation holds the types of the domain, and everything that can be decided about a conversation
// without a database (design, sections 4 and 5). It imports nothing of the project but package compliance.
//
// A decision takes what is stored, what is asked for and the time, and returns a value that says what changes; it
// leaves what it was given as it is. Whoever stores conversations reads them, applies such values and writes:
//
//   - Anonymizing.Plan says what anonymizing makes of a batch of conversations. A preview counts the plan, a
//     transaction carries it out.
//   - The methods of MediaFile are the life of a recording: each returns a MediaChange, from which follow the
//     requests to the Interaction service, the audit events and the state of the conversation.
//   - MergeGroups says which vCons and stored conversations become one.
//   - Importing.Plan says what vCons that come in change in what is stored, and what stays whatever they say.
package conversation
