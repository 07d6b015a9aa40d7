package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// Job is a job that anonymizes many conversations (design, section 4).
type Job struct {
	bun.BaseModel `bun:"table:anonymization_jobs,alias:j"`

	ID              int64 `bun:",pk,autoincrement"`
	State           conversation.JobState
	SettingsVersion int
	// Criteria are what is kept of the filter; nil where ids chose the conversations.
	Criteria *Criteria `bun:"type:jsonb"`
	// AccessAll and AccessPrincipals are the Access of the person who planned the job.
	AccessAll        bool
	AccessPrincipals []string  `bun:",array"`
	OperationID      uuid.UUID `bun:"type:uuid"`

	PlannedBy, PlannedByName string
	PlannedAt                time.Time
	PlannedClient            string
	PlannedTokenAt           *time.Time
	ExpiresAt                time.Time
	StartedBy, StartedByName string `bun:",nullzero"`
	StartedClient            string
	StartedTokenAt           *time.Time
	// StartsAt is the time for which its start is asked, StartedAt when it began to run.
	StartsAt, StartedAt          *time.Time
	PausedBy, PausedByName       string `bun:",nullzero"`
	PausedAt                     *time.Time
	CancelledBy, CancelledByName string `bun:",nullzero"`
	EndedAt                      *time.Time
	Failure                      conversation.JobFailure

	// Conversations is how many there are; Counted those that the plan has counted; Done, Unchanged, LeftOut and Failed
	// those that the job has dealt with; Checked those that its verification has read again.
	Conversations, Counted, Done, Unchanged, LeftOut, Failed, Checked int
	// PhaseAt is since when it counts or runs, and PhaseFrom how many conversations it had dealt with then.
	PhaseAt    time.Time
	PhaseFrom  int
	ProgressAt time.Time
	VerifiedAt *time.Time
}

// Key is the place of a job in the list of jobs.
func (j *Job) Key() Key { return Key{Sort: j.PlannedAt.UnixMicro(), ID: j.ID} }

// Access is that of the person who planned the job.
func (j *Job) Access() Access { return Access{All: j.AccessAll, Principals: j.AccessPrincipals} }

// Dealt counts the conversations that the job has anonymized, left as they were, left out or given up.
func (j *Job) Dealt() int { return j.Done + j.Unchanged + j.LeftOut + j.Failed }

// Rate is how many conversations the job counts or deals with a second, and how many are left of that; zero where it
// does neither, or it cannot be said yet.
func (j *Job) Rate(now time.Time) (perSecond float64, left int) {
	seconds, dealt := now.Sub(j.PhaseAt).Seconds(), 0
	switch j.State {
	case conversation.JobPlanning:
		dealt = j.Counted
	case conversation.JobRunning:
		dealt = j.Dealt()
	}
	if seconds <= 0 || dealt <= j.PhaseFrom {
		return 0, 0
	}
	return float64(dealt-j.PhaseFrom) / seconds, j.Conversations - dealt
}

// Operation is the operation of the audit log to which everything belongs that the job does.
func (j *Job) Operation() audit.Operation {
	return audit.Operation{
		ID: j.OperationID, Actor: audit.Actor{ID: j.StartedBy, Name: j.StartedByName},
		Activity: audit.InteractionAnonymize,
	}
}

// Covers reports whether everything that other covers is covered.
func (a Access) Covers(other Access) bool {
	if a.All || other.none() {
		return true
	}
	missing := func(principal string) bool { return !slices.Contains(a.Principals, principal) }
	return !other.All && !slices.ContainsFunc(other.Principals, missing)
}

// visible narrows a query over jobs to those whose conversations the access covers.
func (a Access) visible(query *bun.SelectQuery) *bun.SelectQuery {
	if a.All {
		return query
	}
	return query.Where("NOT j.access_all AND j.access_principals <@ ARRAY[?]::text[]", bun.List(a.Principals))
}

// JobPage is a window of the list of jobs.
type JobPage struct {
	Rows                 []*Job
	HasNext, HasPrevious bool
}

// Jobs lists the jobs whose conversations the access covers, the newest plan first; those in some states alone, or in
// all where states is nil. An empty list of states is a compliance.Errors with the code INVALID.
func (s *Store) Jobs(
	ctx context.Context, access Access, states []conversation.JobState, p Page,
) (page JobPage, err error) {
	if err := p.check(); err != nil {
		return page, err
	}
	var errs compliance.Errors
	checkList(&errs, states != nil, len(states), "states")
	if err := errs.OrNil(); err != nil || access.none() {
		return page, err
	}
	var rows []*Job
	query := s.db.NewSelect().Model(&rows).Apply(access.visible)
	if states != nil {
		query = query.Where("j.state IN (?)", bun.List(states))
	}
	by := sorting{column: "j.planned_at", id: "j.id", descending: true, value: microseconds}
	if err := p.apply(query, by).Scan(ctx); err != nil {
		return page, err
	}
	page.Rows, page.HasNext, page.HasPrevious = window(p, rows)
	return page, nil
}

// Job finds a job, nil where there is none whose conversations the access covers.
func (s *Store) Job(ctx context.Context, access Access, id int64) (*Job, error) {
	if access.none() {
		return nil, nil
	}
	return readJob(ctx, s.db.NewSelect().Apply(access.visible), id)
}

func readJob(ctx context.Context, query *bun.SelectQuery, id int64) (*Job, error) {
	job := new(Job)
	err := query.Model(job).Where("j.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return job, err
}

// Criteria are the conditions of a filter without the values that may be personal data.
type Criteria struct {
	StartedFrom      *time.Time                    `json:"startedFrom,omitempty"`
	StartedTo        *time.Time                    `json:"startedTo,omitempty"`
	Types            []compliance.ConversationType `json:"types,omitempty"`
	PhoneNumber      bool                          `json:"phoneNumber,omitempty"`
	DigitalAddress   bool                          `json:"digitalAddress,omitempty"`
	MetadataKeys     []string                      `json:"metadataKeys,omitempty"`
	Reviewable       *bool                         `json:"reviewable,omitempty"`
	MediaStatuses    []compliance.MediaStatus      `json:"mediaStatuses,omitempty"`
	Anonymized       *bool                         `json:"anonymized,omitempty"`
	AnonymizedBefore *int                          `json:"anonymizedBefore,omitempty"`
}

// criteria keeps the names of keys, which the system knows, and no value that a person typed.
func (f Filter) criteria() *Criteria {
	kept := &Criteria{
		StartedFrom: f.StartedFrom, StartedTo: f.StartedTo, Types: f.Types, PhoneNumber: f.PhoneNumber != "",
		DigitalAddress: f.DigitalAddress != "", Reviewable: f.Reviewable, MediaStatuses: f.MediaStatuses,
		Anonymized: f.Anonymized, AnonymizedBefore: f.AnonymizedBefore,
	}
	for _, match := range f.Metadata {
		kept.MetadataKeys = append(kept.MetadataKeys, match.Key)
	}
	return kept
}

// JobProblem is a conversation that a job did not anonymize.
type JobProblem struct {
	ConversationID int64
	Reason         conversation.Problem
}

// JobProblemPage is a window of the problems of a job.
type JobProblemPage struct {
	Rows                 []JobProblem
	HasNext, HasPrevious bool
}

// JobProblems lists what a job did not anonymize, in the order of the ids of the conversations.
func (s *Store) JobProblems(ctx context.Context, job int64, p Page) (page JobProblemPage, err error) {
	if err := p.check(); err != nil {
		return page, err
	}
	var rows []JobProblem
	query := s.db.NewSelect().TableExpr("anonymization_job_conversations AS jc").
		Column("conversation_id", "reason").Where("jc.job_id = ? AND jc.reason <> ''", job)
	by := sorting{column: "jc.conversation_id", id: "jc.conversation_id", value: func(sort int64) any { return sort }}
	if err := p.apply(query, by).Scan(ctx, &rows); err != nil {
		return page, err
	}
	page.Rows, page.HasNext, page.HasPrevious = window(p, rows)
	return page, nil
}

// ProblemCounts counts what jobs did not anonymize, by job and reason, in one statement.
func (s *Store) ProblemCounts(ctx context.Context, jobs []int64) (map[int64]map[conversation.Problem]int, error) {
	counts := map[int64]map[conversation.Problem]int{}
	if len(jobs) == 0 {
		return counts, nil
	}
	var rows []struct {
		JobID  int64
		Reason conversation.Problem
		Count  int
	}
	const query = `SELECT job_id, reason, count(*) AS count FROM anonymization_job_conversations
		WHERE job_id IN (?) AND reason <> '' GROUP BY job_id, reason`
	err := s.db.NewRaw(query, bun.List(jobs)).Scan(ctx, &rows)
	for _, row := range rows {
		if counts[row.JobID] == nil {
			counts[row.JobID] = map[conversation.Problem]int{}
		}
		counts[row.JobID][row.Reason] = row.Count
	}
	return counts, err
}
