package graph

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"qm-compliance/auth"
	"qm-compliance/compliance"
	"qm-compliance/db"
)

// requester is the viewer as jobs know who asks for something.
func (r *Resolver) requester(ctx context.Context) (db.Requester, error) {
	viewer, err := viewer(ctx)
	if err != nil {
		return db.Requester{}, err
	}
	return r.requesterOf(viewer), nil
}

func (r *Resolver) requesterOf(viewer *auth.Viewer) db.Requester {
	return db.Requester{
		Actor: actorOf(viewer), Access: r.accessOf(viewer), Client: viewer.Client, TokenAt: viewer.IssuedAt,
	}
}

// PlanAnonymization makes a job of what the viewer sees of a filter's conversations, or of those with ids.
func (m mutation) PlanAnonymization(
	ctx context.Context, input PlanAnonymizationInput,
) (*PlanAnonymizationPayload, error) {
	by, err := m.requester(ctx)
	if err != nil {
		return nil, err
	}
	set, ids, err := jobSet(input)
	if err != nil {
		errs, err := userErrors(err, "input")
		return &PlanAnonymizationPayload{UserErrors: errs}, err
	}
	job, absent, err := m.store.PlanJob(ctx, by, set)
	if err != nil {
		errs, err := userErrors(err, "input")
		return &PlanAnonymizationPayload{UserErrors: errs}, err
	}
	return &PlanAnonymizationPayload{Job: m.showJobs([]*db.Job{job})[0], UserErrors: missing(ids, absent)}, nil
}

// jobSet reads which conversations are meant: exactly one of filter and ids is given.
func jobSet(input PlanAnonymizationInput) (set db.JobSet, ids []int64, err error) {
	filter, texts := input.Filter.Value(), input.ConversationIds.Value()
	switch {
	case filter == nil && texts == nil:
		return set, nil, compliance.Invalid("neither filter nor conversationIds is given; an empty filter means all", "filter")
	case filter != nil && texts != nil:
		return set, nil, compliance.Invalid("filter and conversationIds are both given; give one of them", "conversationIds")
	case filter != nil:
		wanted := filterOf(filter)
		return db.JobSet{Filter: &wanted}, nil, nil
	}
	ids, err = jobIDs(texts)
	set.IDs = slices.Clone(ids)
	slices.Sort(set.IDs)
	set.IDs = slices.Compact(set.IDs)
	return set, ids, err
}

func jobIDs(texts []string) (ids []int64, err error) {
	if len(texts) == 0 || len(texts) > maxList {
		message := fmt.Sprintf("%d ids are given; give 1 to %d, or a filter", len(texts), maxList)
		return nil, compliance.Invalid(message, "conversationIds")
	}
	var errs compliance.Errors
	for i, text := range texts {
		id, err := parseIDOf(kindConversation, text, "conversationIds", strconv.Itoa(i))
		if err != nil {
			errs = append(errs, compliance.UserErrors(err)...)
		}
		ids = append(ids, id)
	}
	return ids, errs.OrNil()
}

// change does something with a job, and shows it as it is then.
func (m mutation) change(
	ctx context.Context, id string, change func(context.Context, db.Requester, int64) (*db.Job, error),
) (*AnonymizationJob, []*UserError, error) {
	by, err := m.requester(ctx)
	if err != nil {
		return nil, nil, err
	}
	number, err := parseIDOf(kindJob, id, "jobId")
	if err != nil {
		errs, err := userErrors(err, "input")
		return nil, errs, err
	}
	job, err := change(ctx, by, number)
	errs, err := userErrors(err, "input")
	if job == nil || err != nil {
		return nil, errs, err
	}
	return m.showJobs([]*db.Job{job})[0], errs, nil
}

// StartAnonymization starts a planned job, now or later.
func (m mutation) StartAnonymization(
	ctx context.Context, input StartAnonymizationInput,
) (*StartAnonymizationPayload, error) {
	start := db.JobStart{At: input.StartAt.Value(), Meant: input.SettingsVersion.Value()}
	if err := checkInstant(start.At, "startAt"); err != nil {
		errs, err := userErrors(err, "input")
		return &StartAnonymizationPayload{UserErrors: errs}, err
	}
	job, errs, err := m.change(ctx, input.JobID,
		func(ctx context.Context, by db.Requester, id int64) (*db.Job, error) {
			return m.store.StartJob(ctx, by, id, start)
		})
	return &StartAnonymizationPayload{Job: job, UserErrors: errs}, err
}

func checkInstant(at *time.Time, field string) error {
	var errs compliance.Errors
	errs.CheckTime(at, field)
	return errs.OrNil()
}

// PauseAnonymization pauses a running job.
func (m mutation) PauseAnonymization(
	ctx context.Context, input PauseAnonymizationInput,
) (*PauseAnonymizationPayload, error) {
	job, errs, err := m.change(ctx, input.JobID, m.store.PauseJob)
	return &PauseAnonymizationPayload{Job: job, UserErrors: errs}, err
}

// ResumeAnonymization continues a paused job.
func (m mutation) ResumeAnonymization(
	ctx context.Context, input ResumeAnonymizationInput,
) (*ResumeAnonymizationPayload, error) {
	job, errs, err := m.change(ctx, input.JobID, m.store.ResumeJob)
	return &ResumeAnonymizationPayload{Job: job, UserErrors: errs}, err
}

// CancelAnonymization ends a job.
func (m mutation) CancelAnonymization(
	ctx context.Context, input CancelAnonymizationInput,
) (*CancelAnonymizationPayload, error) {
	job, errs, err := m.change(ctx, input.JobID, m.store.CancelJob)
	return &CancelAnonymizationPayload{Job: job, UserErrors: errs}, err
}

// AnonymizationJobChanged sends a job each time it changes, as far as the viewer may see it then. It ends when the
// viewer's token does.
func (s subscription) AnonymizationJobChanged(ctx context.Context, id string) (<-chan *AnonymizationJob, error) {
	viewer, err := viewer(ctx)
	if err != nil {
		return nil, err
	}
	number, err := parseIDOf(kindJob, id, "id")
	if err != nil {
		return nil, err
	}
	ctx, cancel := untilExpiry(ctx, viewer)
	return stream(ctx, cancel, s.hub.SubscribeJob(ctx, number), s.present,
		func(id int64) (*AnonymizationJob, error) { return s.job(ctx, id) }), nil
}
