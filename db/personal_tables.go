package db

import (
	"slices"

	"qm-compliance/compliance"
)

// Reasons that hold for many columns.
const (
	vocabulary = "one of a closed list of words"
	keyNames   = "names of metadata keys, which an import cleans of numbers and addresses"
	queueName  = "a name that the program gives"
)

// storedTables is the one list of where data lies, in the order of the migration. A test compares it with the
// database: a column that can hold text and is not in it fails.
func storedTables() []storedTable {
	tables := []storedTable{
		{name: "installation", excused: []ExcusedColumn{
			{Column: "name", Reason: "a name that the program gives"},
			{Column: "value", Reason: "secret keys, the id of the media store, the marks of the demo"},
		}},
		{
			name: "compliance_settings",
			personal: []PersonalColumn{
				{
					Column: "saved_by", Holds: "id of the user who saved the settings", Removal: Kept,
					Remains: "all: who decided what is removed has to be known later",
				},
				{
					Column: "saved_by_name", Holds: "name of the user who saved the settings", Removal: Kept,
					Remains: "all: as the user's id",
				},
			},
			excused: []ExcusedColumn{{Column: "keys", Reason: keyNames}},
		},
		{
			name: "staged_settings",
			personal: []PersonalColumn{{
				Column: "subject", Holds: "id of the user who staged a selection", Removal: RowDeleted,
				Removed: "deleted when the user saves or resets", Remains: "nothing",
			}},
			excused: []ExcusedColumn{{Column: "edit", Reason: "positions of switches, and " + keyNames}},
		},
		{name: "metadata_keys", excused: []ExcusedColumn{{Column: "name", Reason: keyNames}}},
		{
			name: "conversations",
			// Old versions of its rows say what a conversation was before.
			purged: true,
			excused: []ExcusedColumn{
				{Column: "direction", Reason: vocabulary}, {Column: "types", Reason: vocabulary},
				{Column: "media_status", Reason: vocabulary}, {Column: "done_keys", Reason: keyNames},
			},
		},
		{name: "vcons", ofConversation: true, excused: []ExcusedColumn{{Column: "direction", Reason: vocabulary}}},
		{name: "vcon_versions", ofConversation: true},
		participantsTable(), segmentsTable(), messagesTable(), metadataTable(),
		mediaFilesTable(),
		{name: "audited_once", excused: []ExcusedColumn{{
			Column: "key", Reason: "a keyed hash of a link, or of who reads what in which minute; deleted soon after",
		}}},
		{name: "loose_media", personal: []PersonalColumn{{
			Column: "store_key", Removal: RowDeleted,
			Holds: "where recordings lie in the media store that belong to no conversation",
			Removed: "deleted when the Delete tool has deleted the file: an hour after its upload, or once its conversation is" +
				" anonymized", Remains: "nothing",
		}}},
		requestsTable(),
		{name: "conversation_merges", ofConversation: true},
		{
			name: "conversation_principals", ofConversation: true, replacedBy: "vcon_uuid",
			personal: []PersonalColumn{{
				Column: "principal", Removal: Replaced,
				Holds:   "who may see the conversation: user ids, groups, and keyed hashes of e-mail addresses of agents",
				Removed: "replaced when a new version of the vCon names other agents",
				Remains: "all: agents keep access to their conversations; only this database's key makes sense of a hash",
			}},
		},
		{
			name: "conversation_facets",
			personal: []PersonalColumn{{
				Column: "facets", CoveredBy: []Coverage{{KeySwitch, "the hashes of values of metadata"}}, Removal: Replaced,
				Holds: "keyed hashes of 32 bits of values of metadata, and of those who may see the conversation, for lists",
				Removed: "the hash of a value goes in the transaction that overwrites the value; the others are replaced with" +
					" what they stand for",
				Remains: "what conversations and conversation_principals hold of the conversation: its types, status, agents",
			}},
		},
		{name: "bun_migrations", excused: []ExcusedColumn{{Column: "name", Reason: "names of migrations"}}},
		{name: "bun_migration_locks", excused: []ExcusedColumn{{Column: "table_name", Reason: "a table's name"}}},
		{name: "river_job", excused: []ExcusedColumn{
			{Column: "args", Reason: "the random key of a request in the outbox, the number of a job, or nothing"},
			{Column: "attempted_by", Reason: "names of servers"},
			{Column: "errors", Reason: "messages of failed jobs, which work with ids alone"},
			{Column: "kind", Reason: queueName}, {Column: "queue", Reason: queueName},
			{Column: "metadata", Reason: "the job queue's own counters"},
			{Column: "tags", Reason: "not used"},
			{Column: "unique_key", Reason: "a hash of the job's kind and period"},
			{Column: "unique_states", Reason: "eight flags"},
		}},
		{name: "river_leader", excused: []ExcusedColumn{
			{Column: "leader_id", Reason: "the name of a server"}, {Column: "name", Reason: queueName},
		}},
		{name: "river_migration", excused: []ExcusedColumn{{Column: "line", Reason: queueName}}},
		{name: "river_notification", excused: []ExcusedColumn{
			{Column: "payload", Reason: "which queue has work"}, {Column: "topic", Reason: queueName},
		}},
		{name: "river_queue", excused: []ExcusedColumn{
			{Column: "name", Reason: queueName}, {Column: "metadata", Reason: "not used"},
		}},
	}
	return slices.Concat(tables, jobTables(), auditTables())
}

func participantsTable() storedTable {
	return storedTable{
		name: "participants", ofConversation: true, replacedBy: "vcon_uuid",
		personal: []PersonalColumn{
			{
				Column: "name", Holds: "display names of customers, agents and others", Removal: Replaced,
				kept:    compliance.KeptName,
				Removed: "replaced when a new version of the vCon has another name",
				Remains: "all: reviews hang on the agent's name, and no switch covers names",
			},
			{
				Column: "user_id", Holds: "ids of agents at the identity provider", Removal: Replaced,
				Removed: "replaced when a new version of the vCon has another id",
				Remains: "all: reviews hang on them, and no switch covers them",
			},
			{
				Column: "phone_number", Holds: "phone numbers", CoveredBy: []Coverage{{Switch: PhoneNumberSwitch}},
				Removal: Overwritten, Removed: "overwritten when the conversation is anonymized",
				Remains: "that there was one",
				kept:    compliance.KeptPhoneNumber,
				overwriting: overwriting{
					count: compliance.PhoneNumbers, placeholder: compliance.PhoneNumberPlaceholder,
				},
			},
			{
				Column: "digital_address", Holds: "e-mail addresses, IP addresses, chat handles, without a phone number in them",
				CoveredBy: []Coverage{{Switch: DigitalAddressSwitch}},
				Removal:   Overwritten, Removed: "overwritten when the conversation is anonymized",
				Remains: "that there was one; of an agent's e-mail address a keyed hash in conversation_principals",
				kept:    compliance.KeptDigitalAddress,
				overwriting: overwriting{
					count: compliance.DigitalAddresses, placeholder: compliance.DigitalAddressPlaceholder,
				},
			},
			{
				Column: "phone_address", Holds: "digital addresses with a phone number in them",
				CoveredBy: []Coverage{{Switch: PhoneNumberSwitch}, {Switch: DigitalAddressSwitch}},
				Removal:   Overwritten, Removed: "overwritten when the conversation is anonymized",
				Remains: "that there was one",
				kept:    compliance.KeptDigitalAddress,
				overwriting: overwriting{
					count: compliance.DigitalAddresses, placeholder: compliance.DigitalAddressPlaceholder,
				},
			},
		},
		excused: []ExcusedColumn{{Column: "role", Reason: vocabulary}},
	}
}

// coveredKinds are the kinds of segments whose content a selection covers; nil where it covers every kind.
func coveredKinds(s compliance.Selection) []string {
	covered := s.CoveredKinds()
	if len(covered) == len(compliance.SegmentKinds()) {
		return nil
	}
	kinds := []string{}
	for _, kind := range covered {
		kinds = append(kinds, string(kind))
	}
	return kinds
}

func segmentsTable() storedTable {
	return storedTable{
		name: "segments", ofConversation: true,
		personal: []PersonalColumn{{
			Column: "title", Holds: "subjects of e-mails, room names of chats",
			CoveredBy: []Coverage{
				{ContentSwitch, "subjects of e-mails, room names of chats"},
				{MediaSwitch, "titles of calls, of which none has one so far"},
			},
			Removal: Overwritten, Removed: "overwritten when the conversation is anonymized",
			Remains: "that there was one",
			kept:    compliance.KeptSubject,
			overwriting: overwriting{
				count: compliance.Subjects, placeholder: compliance.ContentPlaceholder,
				narrow: "t.kind = ANY (?)", narrowBy: coveredKinds,
			},
		}},
		excused: []ExcusedColumn{{Column: "kind", Reason: vocabulary}},
	}
}

func messagesTable() storedTable {
	return storedTable{
		name: "messages", ofConversation: true, replacedBy: "segment_id",
		personal: []PersonalColumn{{
			Column: "text", Holds: "bodies of e-mails, chat messages, transcripts, summaries, translations",
			CoveredBy: []Coverage{
				{ContentSwitch, "bodies of e-mails, chat messages, and summaries and translations of them, also where a call" +
					" is in them"},
				{MediaSwitch, "transcripts of calls, and summaries and translations of them, also where written text is in them"},
			},
			Removal: Overwritten, Removed: "overwritten when the conversation is anonymized",
			Remains: "that there was a text, its kind, its author's role, and when it was sent",
			kept:    compliance.KeptMessage,
			overwriting: overwriting{
				count: compliance.Messages, placeholder: compliance.ContentPlaceholder,
				narrow: "(t.mixed OR t.segment_id IN (SELECT s.id FROM segments AS s" +
					" WHERE s.conversation_id = ANY ($1) AND s.kind = ANY (?)))",
				narrowBy: coveredKinds, detail: "t.kind",
			},
		}},
		excused: []ExcusedColumn{{Column: "kind", Reason: vocabulary}},
	}
}

func metadataTable() storedTable {
	return storedTable{
		name: "metadata", ofConversation: true, replacedBy: "vcon_uuid",
		personal: []PersonalColumn{{
			Column: "value", Holds: "values of metadata, such as customer numbers, scores and queues",
			CoveredBy: []Coverage{{Switch: KeySwitch}},
			Removal:   Overwritten, Removed: "overwritten when the conversation is anonymized",
			Remains: "the key, and that it had a value",
			kept:    compliance.KeptMetadataValue,
			overwriting: overwriting{
				count: compliance.MetadataValues, placeholder: compliance.MetadataPlaceholder,
				narrow:   "t.key_id IN (SELECT k.id FROM metadata_keys AS k WHERE k.name = ANY (?))",
				narrowBy: func(s compliance.Selection) []string { return append([]string{}, s.Keys...) },
				detail:   "(SELECT k.name FROM metadata_keys AS k WHERE k.id = t.key_id)",
			},
		}},
	}
}

// everySwitch covers a value that goes with anonymizing, whichever switches are on.
func everySwitch() []Coverage {
	var all []Coverage
	for _, each := range Switches() {
		all = append(all, Coverage{Switch: each})
	}
	return all
}

func mediaFilesTable() storedTable {
	media := []Coverage{{Switch: MediaSwitch}}
	return storedTable{
		name: "media_files", ofConversation: true,
		personal: []PersonalColumn{
			{
				Column: "store_key", Holds: "where the recording lies in the media store", CoveredBy: media,
				Removal: Cleared, Removed: "emptied when the Delete tool has deleted the file", Remains: "nothing",
			},
			{
				Column: "source_url", CoveredBy: media, Removal: Cleared,
				Holds:   "where the vCon says that the recording is, without user, query and fragment",
				Removed: "emptied when the Delete tool has deleted the file", Remains: "its keyed hash in origin",
			},
			{
				Column: "origin", Holds: "keyed hashes of source_url, or of the name of a recording that is missing",
				CoveredBy: media, Removal: Kept,
				Remains: "all: a deleted recording is recognised by it and never comes back with an import",
			},
			{
				Column: "content_hash", Holds: "hashes of the recordings' bytes", CoveredBy: media, Removal: Kept,
				Remains: "all: as origin; a hash reveals nothing without the recording",
			},
			{
				Column: "protection_note", Holds: "what a user wrote about the protection of a recording",
				CoveredBy: everySwitch(), Removal: Cleared,
				Removed: "emptied when the conversation is anonymized, when the protection ends, and when a user erases it",
				Remains: "the code of the reason, while the recording is protected and in the audit log",
			},
		},
		excused: []ExcusedColumn{
			{Column: "kind", Reason: vocabulary}, {Column: "status", Reason: vocabulary},
			{Column: "protection_reason", Reason: vocabulary},
			{Column: "media_type", Reason: "a media type; the import drops anything else"},
			{Column: "failure", Reason: "the Delete tool's message, without names of files; emptied at the deletion"},
		},
	}
}

func requestsTable() storedTable {
	return storedTable{
		name: "media_deletion_requests", ofConversation: true,
		personal: []PersonalColumn{
			{
				Column: "message", CoveredBy: []Coverage{{Switch: MediaSwitch}}, Removal: Cleared,
				Holds:   "the request as it is sent to the Interaction service: uuids of vCons, source_url, content_hash",
				Removed: "emptied when the service has taken it",
				Remains: "which files were asked for, by their ids; the message until the service takes it",
			},
			{
				Column: "requested_by", Holds: "id of the user who anonymized", Removal: Kept,
				Remains: "all: as in the audit log",
			},
		},
		excused: []ExcusedColumn{
			{Column: "action", Reason: vocabulary},
			{Column: "last_error", Reason: "the program's message, without anything of the request or the answer"},
		},
	}
}

// auditTables hold the audit log.
func auditTables() []storedTable {
	const appendOnly = "all: the log is append-only, the database itself refuses to change it"
	actor := []PersonalColumn{
		{Column: "actor_id", Holds: "ids of the users who did something", Removal: Kept, Remains: appendOnly},
		{Column: "actor_name", Holds: "names of the users who did something", Removal: Kept, Remains: appendOnly},
	}
	encoding := PersonalColumn{
		Column: "encoding", Removal: Kept, Remains: appendOnly,
		Holds: "events: who did it, counts, ids and hashes of files, switches, names of keys, keyed hashes of the uuids of" +
			" vCons; never a removed value, and no text that somebody typed",
	}
	activity := ExcusedColumn{Column: "activity", Reason: vocabulary}
	return []storedTable{
		{name: "audit_operations", personal: actor, excused: []ExcusedColumn{activity}},
		{
			name: "audit_events", personal: slices.Concat(actor, []PersonalColumn{encoding}),
			excused: []ExcusedColumn{activity, {Column: "result", Reason: vocabulary}},
		},
		{name: "audit_totals", excused: []ExcusedColumn{{Column: "name", Reason: vocabulary}}},
	}
}
