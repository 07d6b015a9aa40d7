package db

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// JobPhase tells apart what a job counted in its plan from what it did.
type JobPhase string

// The phases.
const (
	PhasePlan JobPhase = "PLAN"
	PhaseRun  JobPhase = "RUN"
	// PhaseCheck is the verification.
	PhaseCheck JobPhase = "CHECK"
)

// JobTally is what a job counted in a phase.
type JobTally struct {
	compliance.Tally
	Kept compliance.KeptTally
	// Gone counts the conversations that were there no longer.
	Gone int
	// Found counts what the verification found, and FoundIn are some of the conversations.
	Found   map[conversation.Finding]int
	FoundIn []int64
}

// The kinds of counts begin with what they are about; the rest of the kind, and the detail, tell them apart.
const (
	countOfValues = "value "
	countOfFiles  = "file "
	countOfKept   = "kept "
	countOfStays  = "stays "
	countOfOthers = "conversations "
	countOfFound  = "found "
)

// jobCount is a row of anonymization_job_counts.
type jobCount struct {
	Kind, Detail         string
	Count, Conversations int
	Latest               *time.Time
	Examples             []int64
}

// counts are the rows of a tally, in one order, so that two batches never wait for each other's rows.
func (t JobTally) counts() (rows []*jobCount) {
	add := func(kind, detail string, count int) {
		if count > 0 {
			rows = append(rows, &jobCount{Kind: kind, Detail: detail, Count: count})
		}
	}
	for value, count := range t.Effect.Values {
		add(countOfValues+string(value.Kind), value.Detail, count)
	}
	for file, count := range t.Effect.Files {
		add(countOfFiles+string(file.Disposition), string(file.Kind), count)
	}
	for reason, count := range t.Stays {
		add(countOfStays+string(reason), "", count)
	}
	add(countOfOthers, "unchanged", t.Unchanged)
	add(countOfOthers, "gone", t.Gone)
	add(countOfOthers, "ends", t.Ends)
	add(countOfOthers, "ended", t.Ended)
	for data, total := range t.Kept {
		rows = append(rows, &jobCount{
			Kind: countOfKept + string(data.Kind), Detail: data.Key, Count: total.Count,
			Conversations: total.Conversations, Latest: total.ProtectedUntil, Examples: total.Examples,
		})
	}
	for finding, count := range t.Found {
		rows = append(rows, &jobCount{Kind: countOfFound + string(finding), Count: count, Examples: t.FoundIn})
	}
	slices.SortFunc(rows, func(a, b *jobCount) int {
		return strings.Compare(a.Kind+"\x00"+a.Detail, b.Kind+"\x00"+b.Detail)
	})
	return rows
}

// add takes a row of the database.
func (t *JobTally) add(row *jobCount) {
	about, rest, _ := strings.Cut(row.Kind, " ")
	switch about + " " {
	case countOfValues:
		t.Effect.Values[compliance.Value{Kind: compliance.ValueKind(rest), Detail: row.Detail}] += row.Count
	case countOfFiles:
		file := compliance.File{Kind: compliance.MediaKind(row.Detail), Disposition: compliance.MediaDisposition(rest)}
		t.Effect.Files[file] += row.Count
	case countOfStays:
		t.Stays[compliance.Reason(rest)] += row.Count
	case countOfKept:
		t.Kept[compliance.KeptData{Kind: compliance.KeptKind(rest), Key: row.Detail}] = compliance.KeptTotal{
			Count: row.Count, Conversations: row.Conversations, ProtectedUntil: row.Latest, Examples: row.Examples,
		}
	case countOfFound:
		t.Found[conversation.Finding(rest)] += row.Count
		t.FoundIn = append(t.FoundIn, row.Examples...)
	case countOfOthers:
		counts := map[string]*int{"unchanged": &t.Unchanged, "gone": &t.Gone, "ends": &t.Ends, "ended": &t.Ended}
		if count := counts[row.Detail]; count != nil {
			*count += row.Count
		}
	}
}

// addCounts adds a tally to those of a job. The row of the job is locked, so that batches take turns.
func addCounts(batch *pgx.Batch, job int64, phase JobPhase, tally JobTally) {
	rows := tally.counts()
	if len(rows) == 0 {
		return
	}
	const upsert = `
INSERT INTO anonymization_job_counts AS c (job_id, tally, kind, detail, count, conversations, latest, examples)
SELECT $1, $2, v.kind, v.detail, v.count, v.conversations, v.latest, v.examples::bigint[]
  FROM unnest($3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::timestamptz[], $8::text[])
    AS v (kind, detail, count, conversations, latest, examples)
    ON CONFLICT (job_id, tally, kind, detail) DO UPDATE
   SET count = c.count + EXCLUDED.count, conversations = c.conversations + EXCLUDED.conversations,
       latest = greatest(c.latest, EXCLUDED.latest), examples = (c.examples || EXCLUDED.examples)[1:10]`
	batch.Queue(upsert, job, string(phase),
		each(rows, func(r *jobCount) string { return r.Kind }), each(rows, func(r *jobCount) string { return r.Detail }),
		each(rows, func(r *jobCount) int64 { return int64(r.Count) }),
		each(rows, func(r *jobCount) int64 { return int64(r.Conversations) }),
		each(rows, func(r *jobCount) *time.Time { return r.Latest }),
		each(rows, func(r *jobCount) string { return arrayOfIDs(r.Examples) }))
}

// JobTally reads what a job counted in a phase.
func (s *Store) JobTally(ctx context.Context, job *Job, phase JobPhase) (JobTally, error) {
	tallies, err := s.JobTallies(ctx, []int64{job.ID}, phase)
	return tallies[job.ID], err
}

// JobTallies reads what jobs counted in a phase, in one statement.
func (s *Store) JobTallies(ctx context.Context, jobs []int64, phase JobPhase) (map[int64]JobTally, error) {
	tallies := map[int64]JobTally{}
	for _, id := range jobs {
		tallies[id] = newJobTally()
	}
	if len(jobs) == 0 {
		return tallies, nil
	}
	var rows []*struct {
		JobID                int64
		Kind, Detail         string
		Count, Conversations int
		Latest               *time.Time
		Examples             []int64 `bun:",array"`
	}
	const query = `SELECT job_id, kind, detail, count, conversations, latest, examples FROM anonymization_job_counts
		WHERE job_id IN (?) AND tally = ?`
	err := s.db.NewRaw(query, bun.List(jobs), string(phase)).Scan(ctx, &rows)
	for _, row := range rows {
		tally := tallies[row.JobID]
		tally.add(&jobCount{row.Kind, row.Detail, row.Count, row.Conversations, row.Latest, row.Examples})
		tallies[row.JobID] = tally
	}
	return tallies, err
}

func newJobTally() JobTally {
	return JobTally{
		Tally: compliance.Tally{Effect: compliance.NewEffect(), Stays: map[compliance.Reason]int{}},
		Kept:  compliance.KeptTally{}, Found: map[conversation.Finding]int{},
	}
}

// keptIn adds up what stays of the conversations of a plan.
func keptIn(planned map[int64]compliance.Kept) compliance.KeptTally {
	tally := compliance.KeptTally{}
	for _, id := range slices.Sorted(maps.Keys(planned)) {
		tally.Add(id, planned[id])
	}
	return tally
}
