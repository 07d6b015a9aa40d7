package graph

import (
	"context"
	"time"

	"github.com/google/uuid"

	"qm-compliance/auth"
	"qm-compliance/conversation"
	"qm-compliance/db"
)

// jobBatch is jobs that are shown together. What a field of one of them needs is loaded for all of them.
type jobBatch struct {
	*Resolver
	ids          []int64
	operationIDs []uuid.UUID
	tallies      memo[db.JobPhase, map[int64]db.JobTally]
	problems     memo[struct{}, map[int64]map[conversation.Problem]int]
	inForce      memo[struct{}, *db.Settings]
	byVersion    memo[int, *db.Settings]
	operations   memo[struct{}, map[uuid.UUID]*AuditOperation]
}

func (r *Resolver) showJobs(jobs []*db.Job) []*AnonymizationJob {
	batch := &jobBatch{Resolver: r}
	return mapped(jobs, func(job *db.Job) *AnonymizationJob {
		batch.ids, batch.operationIDs = append(batch.ids, job.ID), append(batch.operationIDs, job.OperationID)
		return &AnonymizationJob{job, batch}
	})
}

// tally is what a job counted, with the keys that are filters.
func (b *jobBatch) tally(
	ctx context.Context, job *db.Job, phase db.JobPhase,
) (db.JobTally, map[string]bool, error) {
	tallies, err := b.tallies.get(phase, func() (map[int64]db.JobTally, error) {
		return b.store.JobTallies(ctx, b.ids, phase)
	})
	if err != nil {
		return db.JobTally{}, nil, err
	}
	settings, err := b.inForce.get(struct{}{}, func() (*db.Settings, error) { return b.store.Settings(ctx) })
	if err != nil {
		return db.JobTally{}, nil, err
	}
	return tallies[job.ID], filterKeys(settings.Keys), nil
}

// settings are a version of the settings, and the number of the version in force.
func (b *jobBatch) settings(ctx context.Context, version int) (*db.Settings, int, error) {
	inForce, err := b.inForce.get(struct{}{}, func() (*db.Settings, error) { return b.store.Settings(ctx) })
	if err != nil {
		return nil, 0, err
	}
	settings, err := b.byVersion.get(version, func() (*db.Settings, error) {
		return b.store.SettingsVersion(ctx, version)
	})
	return settings, inForce.Version, err
}

// AnonymizationReport shows what a job did.
type AnonymizationReport struct {
	ConversationCount, DoneCount, UnchangedCount, NotReachedCount int
	Settings                                                      *ComplianceSettingsVersion
	Problems                                                      []*AnonymizationProblemCount
	Effect                                                        *AnonymizationEffect
	keptSection

	job   *db.Job
	batch *jobBatch
}

// Report is nil until a job that was started has ended.
func (j *AnonymizationJob) Report(ctx context.Context) (*AnonymizationReport, error) {
	if !j.job.State.Ended() || j.job.StartedAt == nil {
		return nil, nil
	}
	tally, filters, err := j.batch.tally(ctx, j.job, db.PhaseRun)
	if err != nil {
		return nil, err
	}
	settings, inForce, err := j.batch.settings(ctx, j.job.SettingsVersion)
	if err != nil {
		return nil, err
	}
	kept, err := j.kept(ctx, tally.Kept)
	if err != nil {
		return nil, err
	}
	problems, err := j.batch.problems.get(struct{}{}, func() (map[int64]map[conversation.Problem]int, error) {
		return j.batch.store.ProblemCounts(ctx, j.batch.ids)
	})
	return &AnonymizationReport{
		Settings: showVersion(settings, inForce), ConversationCount: j.job.Conversations, DoneCount: j.job.Done,
		UnchangedCount: j.job.Unchanged, NotReachedCount: j.job.Conversations - j.job.Dealt(),
		Problems: problemCounts(problems[j.job.ID]), Effect: showEffect(tally.Effect, filters), keptSection: kept,
		job: j.job, batch: j.batch,
	}, err
}

func problemCounts(counts map[conversation.Problem]int) []*AnonymizationProblemCount {
	shown := []*AnonymizationProblemCount{}
	for _, reason := range conversation.Problems() {
		if counts[reason] > 0 {
			shown = append(shown, &AnonymizationProblemCount{Reason: reason, Count: counts[reason]})
		}
	}
	return shown
}

// AuditOperation is nil for viewers who may not read the audit log, and where the job recorded nothing.
func (r *AnonymizationReport) AuditOperation(ctx context.Context) (*AuditOperation, error) {
	viewer, err := viewer(ctx)
	if err != nil || !viewer.Has(auth.RoleViewAudit) {
		return nil, err
	}
	shown, err := r.batch.operations.get(struct{}{}, func() (map[uuid.UUID]*AuditOperation, error) {
		found, err := r.batch.store.AuditOperationsByID(ctx, r.batch.operationIDs)
		byID := map[uuid.UUID]*AuditOperation{}
		var rows []*db.AuditOperation
		for _, operation := range found {
			rows = append(rows, operation)
		}
		for _, operation := range r.batch.showOperations(rows) {
			byID[operation.AuditOperation.ID] = operation
		}
		return byID, err
	})
	return shown[r.job.OperationID], err
}

// AnonymizationVerification shows what reading the conversations of a job again has found.
type AnonymizationVerification struct {
	State                                                                          AnonymizationVerificationState
	CheckedCount, RemainingValueCount, MissingPlaceholderCount, RemainingFileCount int
	EndedAt                                                                        *time.Time

	ids   []int64
	batch *exampleBatch
}

// Examples are some of the conversations that need a look, without those that the viewer may not see.
func (v *AnonymizationVerification) Examples(ctx context.Context) ([]*KeptDataExample, error) {
	return v.batch.show(ctx, v.ids)
}

// Verification says what reading everything again has found; it is nil until that begins.
func (r *AnonymizationReport) Verification(ctx context.Context) (*AnonymizationVerification, error) {
	if r.job.Checked == 0 && r.job.VerifiedAt == nil {
		return nil, nil
	}
	tally, _, err := r.batch.tally(ctx, r.job, db.PhaseCheck)
	if err != nil {
		return nil, err
	}
	verification := &AnonymizationVerification{
		State: AnonymizationVerificationStateRunning, CheckedCount: r.job.Checked,
		RemainingValueCount:     tally.Found[conversation.FoundValue],
		MissingPlaceholderCount: tally.Found[conversation.FoundNoPlaceholder],
		RemainingFileCount:      tally.Found[conversation.FoundFile], EndedAt: r.job.VerifiedAt,
		ids: tally.FoundIn, batch: &exampleBatch{Resolver: r.batch.Resolver, ids: tally.FoundIn},
	}
	switch {
	case r.job.VerifiedAt == nil:
	case len(tally.Found) > 0:
		verification.State = AnonymizationVerificationStateFailed
	default:
		verification.State = AnonymizationVerificationStatePassed
	}
	return verification, nil
}
