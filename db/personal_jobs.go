package db

// jobTables hold the jobs that anonymize many conversations. Of a filter nothing is kept that somebody typed, of a
// conversation nothing but its number and counts.
func jobTables() []storedTable {
	person := func(column, holds string) PersonalColumn {
		return PersonalColumn{
			Column: column, Holds: holds, Removal: Kept,
			Remains: "all: who decided what was removed has to be known later",
		}
	}
	var people []PersonalColumn
	for _, act := range []string{"planned", "started", "paused", "cancelled"} {
		people = append(people, person(act+"_by", "ids of the users by whom jobs were "+act),
			person(act+"_by_name", "names of the users by whom jobs were "+act))
	}
	access := person("access_principals",
		"what the user could see who planned the job: a user id, groups, and a keyed hash of an e-mail address")
	access.Remains = "all: the job keeps to it, and shows itself to those who see as much"
	return []storedTable{
		{
			name: "anonymization_jobs", personal: append(people, access),
			excused: []ExcusedColumn{
				{Column: "state", Reason: vocabulary}, {Column: "failure", Reason: vocabulary},
				{Column: "criteria", Reason: "times, closed words, numbers, and " + keyNames + "; no value that was searched for"},
				{Column: "planned_client", Reason: "a keyed hash of the client of a token"},
				{Column: "started_client", Reason: "a keyed hash of the client of a token"},
			},
		},
		{name: "anonymization_job_batches", excused: []ExcusedColumn{{Column: "state", Reason: vocabulary}}},
		{name: "anonymization_job_conversations", excused: []ExcusedColumn{
			{Column: "state", Reason: vocabulary}, {Column: "reason", Reason: vocabulary},
		}},
		{name: "anonymization_job_files", personal: []PersonalColumn{{
			Column: "store_key", Removal: RowDeleted,
			Holds:   "where recordings lie in the media store that a job planned for deletion",
			Removed: "deleted when the file is deleted and the store was asked whether it is gone, minutes later", Remains: "nothing",
		}}},
		{name: "anonymization_job_counts", excused: []ExcusedColumn{
			{Column: "tally", Reason: vocabulary}, {Column: "kind", Reason: vocabulary},
			{Column: "detail", Reason: "closed words, and " + keyNames},
		}},
	}
}
