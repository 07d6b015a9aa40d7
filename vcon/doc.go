// Package vcon reads conversations from vCon, the IETF's JSON container for conversations
// (draft-ietf-vcon-vcon-core), as the design's section 5 describes it. Reading is tolerant of the older
// syntaxes that are in use, and of what tools write; it refuses what is ambiguous, what cannot be stored and
// what refers to nothing, and says where.
//
// [Parse] reads one document, and [Write] writes one.
//
// The keys of metadata are made of where a value stood:
//
//	TYPE.NAME         a member of an attachment or of an analysis of that type
//	tags.NAME         a tag
//	dialog.NAME       the meta of a dialog
//	party.ROLE.NAME   the meta of a party: customer, agent, supervisor, bot or other
//	meta.NAME         the meta of the vCon
//
// A part of a key that looks like personal data, or is a party's number or address, becomes _. What was read
// into another place (roles, addresses, user ids, groups, directions, rooms) is not repeated.
package vcon
