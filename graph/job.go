package graph

import (
	"context"
	"time"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/db"
)

// AnonymizationJob shows a job that anonymizes many conversations.
type AnonymizationJob struct {
	job   *db.Job
	batch *jobBatch
}

// IsNode makes a job findable by its global id.
func (*AnonymizationJob) IsNode() {}

// ID is the global id.
func (j *AnonymizationJob) ID() string { return GlobalID(kindJob, j.job.ID) }

// State is where the job stands.
func (j *AnonymizationJob) State() conversation.JobState { return j.job.State }

// SettingsVersion is the version that applies.
func (j *AnonymizationJob) SettingsVersion() int { return j.job.SettingsVersion }

// ConversationCount is the number of its conversations.
func (j *AnonymizationJob) ConversationCount() int { return j.job.Conversations }

// Criteria are what is kept of the filter.
func (j *AnonymizationJob) Criteria() *AnonymizationJobCriteria {
	kept := j.job.Criteria
	if kept == nil {
		return nil
	}
	return &AnonymizationJobCriteria{
		StartedFrom: kept.StartedFrom, StartedTo: kept.StartedTo, Types: kept.Types, HasPhoneNumber: kept.PhoneNumber,
		HasDigitalAddress: kept.DigitalAddress, MetadataKeys: append([]string{}, kept.MetadataKeys...),
		IsReviewable: kept.Reviewable, MediaStatuses: kept.MediaStatuses, IsAnonymized: kept.Anonymized,
		AnonymizedBefore: kept.AnonymizedBefore,
	}
}

// PlannedBy is who planned it.
func (j *AnonymizationJob) PlannedBy() string { return j.job.PlannedByName }

// PlannedAt is when.
func (j *AnonymizationJob) PlannedAt() time.Time { return j.job.PlannedAt }

// ExpiresAt is nil once somebody has started the job, or it has ended.
func (j *AnonymizationJob) ExpiresAt() *time.Time {
	if j.job.StartsAt != nil || j.job.State.Ended() {
		return nil
	}
	return &j.job.ExpiresAt
}

// StartedBy is who started it.
func (j *AnonymizationJob) StartedBy() *string { return orNull(j.job.StartedByName) }

// StartsAt is from when it runs.
func (j *AnonymizationJob) StartsAt() *time.Time { return j.job.StartsAt }

// StartedAt is when it began to run.
func (j *AnonymizationJob) StartedAt() *time.Time { return j.job.StartedAt }

// PausedBy is who paused it, while it is paused.
func (j *AnonymizationJob) PausedBy() *string {
	if j.job.State != conversation.JobPaused {
		return nil
	}
	return orNull(j.job.PausedByName)
}

// PausedAt is when, while it is paused.
func (j *AnonymizationJob) PausedAt() *time.Time {
	if j.job.State != conversation.JobPaused {
		return nil
	}
	return j.job.PausedAt
}

// CancelledBy is who cancelled it.
func (j *AnonymizationJob) CancelledBy() *string { return orNull(j.job.CancelledByName) }

// EndedAt is when it ended.
func (j *AnonymizationJob) EndedAt() *time.Time { return j.job.EndedAt }

// Failure is why it failed.
func (j *AnonymizationJob) Failure() *conversation.JobFailure { return orNull(j.job.Failure) }

// Progress says how far it is. The rate is that since it began to count or to run, or was continued.
func (j *AnonymizationJob) Progress() *AnonymizationJobProgress {
	progress := &AnonymizationJobProgress{
		CountedCount: j.job.Counted, DoneCount: j.job.Done, UnchangedCount: j.job.Unchanged,
		LeftOutCount: j.job.LeftOut, FailedCount: j.job.Failed,
	}
	rate, left := j.job.Rate(j.batch.now())
	if rate > 0 {
		seconds := int(float64(left)/rate) + 1
		progress.ConversationsPerSecond, progress.RemainingSeconds = &rate, &seconds
	}
	return progress
}

// AnonymizationJobPreview shows what a job counted before it did anything.
type AnonymizationJobPreview struct {
	UnchangedCount, GoneCount, ReviewEndsCount, NotReviewableCount int
	StaysReviewable                                                []*StaysReviewable
	Effect                                                         *AnonymizationEffect
	keptSection
}

// Preview is nil until all conversations are counted.
func (j *AnonymizationJob) Preview(ctx context.Context) (*AnonymizationJobPreview, error) {
	if j.job.Counted < j.job.Conversations || j.job.State == conversation.JobPlanning {
		return nil, nil
	}
	tally, filters, err := j.batch.tally(ctx, j.job, db.PhasePlan)
	if err != nil {
		return nil, err
	}
	kept, err := j.kept(ctx, tally.Kept)
	return &AnonymizationJobPreview{
		UnchangedCount: tally.Unchanged, GoneCount: tally.Gone, ReviewEndsCount: tally.Ends,
		NotReviewableCount: tally.Ended, StaysReviewable: showStays(tally.Stays),
		Effect: showEffect(tally.Effect, filters), keptSection: kept,
	}, err
}

func (j *AnonymizationJob) kept(ctx context.Context, tally compliance.KeptTally) (keptSection, error) {
	settings, _, err := j.batch.settings(ctx, j.job.SettingsVersion)
	if settings == nil || err != nil {
		return keptSection{}, err
	}
	return j.batch.kept(tally, settings.Selection), nil
}

// Problems lists the conversations that were left out or failed.
func (j *AnonymizationJob) Problems(
	ctx context.Context, first int, after *string,
) (*AnonymizationProblemConnection, error) {
	page, err := auditPage(problemCursors(j.job.ID), first, after)
	if err != nil {
		return nil, err
	}
	found, err := j.batch.store.JobProblems(ctx, j.job.ID, page)
	if err != nil {
		return nil, err
	}
	examples := &exampleBatch{Resolver: j.batch.Resolver}
	connection := &AnonymizationProblemConnection{}
	for _, row := range found.Rows {
		examples.ids = append(examples.ids, row.ConversationID)
		shown := &AnonymizationProblem{Reason: row.Reason, id: row.ConversationID, batch: examples}
		place := db.Key{Sort: row.ConversationID, ID: row.ConversationID}
		connection.Nodes = append(connection.Nodes, shown)
		connection.Edges = append(connection.Edges,
			&AnonymizationProblemEdge{Cursor: problemCursors(j.job.ID).cursor(place), Node: shown})
	}
	connection.PageInfo = newPageInfo(found.HasPrevious, found.HasNext, len(found.Rows),
		func(i int) string { return connection.Edges[i].Cursor })
	return connection, nil
}

// AnonymizationProblem shows a conversation that a job did not anonymize.
type AnonymizationProblem struct {
	Reason conversation.Problem

	id    int64
	batch *exampleBatch
}

// Conversation is nil where there is none, or the viewer may not see it.
func (p *AnonymizationProblem) Conversation(ctx context.Context) (*Conversation, error) {
	byID, err := p.batch.conversations(ctx)
	return byID[p.id], err
}

// AnonymizationJob finds a job.
func (q query) AnonymizationJob(ctx context.Context, id string) (*AnonymizationJob, error) {
	number, err := parseIDOf(kindJob, id, "id")
	if err != nil {
		return nil, err
	}
	return q.job(ctx, number)
}

func (r *Resolver) job(ctx context.Context, number int64) (*AnonymizationJob, error) {
	access, err := r.access(ctx)
	if err != nil {
		return nil, err
	}
	job, err := r.store.Job(ctx, access, number)
	if job == nil || err != nil {
		return nil, err
	}
	return r.showJobs([]*db.Job{job})[0], nil
}

// AnonymizationJobs lists jobs, the newest plan first.
func (q query) AnonymizationJobs(
	ctx context.Context, first int, after *string, states []conversation.JobState,
) (*AnonymizationJobConnection, error) {
	page, err := auditPage(jobCursors, first, after)
	if err != nil {
		return nil, err
	}
	access, err := q.access(ctx)
	if err != nil {
		return nil, err
	}
	found, err := q.store.Jobs(ctx, access, states, page)
	if err != nil {
		return nil, err
	}
	connection := &AnonymizationJobConnection{Nodes: q.showJobs(found.Rows)}
	connection.Edges = mapped(connection.Nodes, func(shown *AnonymizationJob) *AnonymizationJobEdge {
		return &AnonymizationJobEdge{Cursor: jobCursors.cursor(shown.job.Key()), Node: shown}
	})
	connection.PageInfo = newPageInfo(found.HasPrevious, found.HasNext, len(found.Rows),
		func(i int) string { return connection.Edges[i].Cursor })
	return connection, nil
}
