package intake

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"qm-compliance/compliance"
	"qm-compliance/db"
	"qm-compliance/media/filestore"
	"qm-compliance/vcon"
)

// flush stores the batch. What the database refuses of it is found by storing one document at a time.
func (in *Intake) flush(ctx context.Context) error {
	batch := in.batch
	in.batch, in.bytes = nil, 0
	if len(batch) == 0 {
		return nil
	}
	err := in.storeBatch(ctx, batch, false)
	if err == nil || ctx.Err() != nil || !in.isolates(err) {
		return err
	}
	for _, e := range batch {
		if e.refused != nil {
			continue
		}
		err := in.storeBatch(ctx, []*entry{e}, false)
		if errors.Is(err, db.ErrMediaMoved) {
			err = in.storeBatch(ctx, []*entry{e}, true)
		}
		if err != nil && !in.refusable(e.Item, err) {
			return err
		}
	}
	return nil
}

// isolates reports whether an error may be about single documents of a batch.
func (in *Intake) isolates(err error) bool {
	return db.IsRefusal(err) || compliance.UserErrors(err) != nil || errors.Is(err, db.ErrMediaMoved)
}

// storeBatch brings the recordings of a batch into the file store and then its conversations into the database. Recordings that no conversation uses in the end are
// removed again; what a process that is killed leaves, the Delete tool removes.
func (in *Intake) storeBatch(ctx context.Context, batch []*entry, anew bool) error {
	recordings, err := in.recordings(ctx, batch, anew)
	if err != nil {
		return err
	}
	var keys []string
	for _, r := range recordings {
		r.key = filestore.NewKey(time.Now())
		keys = append(keys, r.key)
	}
	if len(recordings) > 0 {
		if err := in.config.Media.VerifyIdentity(ctx, in.config.Store.RememberMediaStore); err != nil {
			return err
		}
	}
	if err := in.config.Store.TrackUploads(ctx, keys); err != nil {
		return err
	}
	err = in.uploadAll(ctx, recordings)
	if err == nil {
		err = in.importBatch(ctx, batch)
	}
	return errors.Join(err, in.discardUnused(context.WithoutCancel(ctx), keys))
}

func (in *Intake) uploadAll(ctx context.Context, recordings []*recording) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(uploads)
	for _, r := range recordings {
		group.Go(func() error { return in.upload(ctx, r) })
	}
	return group.Wait()
}

func (in *Intake) importBatch(ctx context.Context, batch []*entry) error {
	var conversations []*vcon.Conversation
	for _, e := range batch {
		if e.refused != nil {
			in.refuse(e.Item, e.refused)
			continue
		}
		conversations = append(conversations, e.conversations()...)
	}
	result, err := in.config.Store.Import(ctx, in.actor, conversations)
	if err != nil {
		return err
	}
	in.totals.Added += result.Added
	in.totals.Updated += result.Updated
	in.totals.Unchanged += result.Unchanged
	for _, e := range batch {
		in.tellNotFetched(e)
	}
	return nil
}

// tellNotFetched waits until the vCon is stored: before that it may be tried again, or refused.
func (in *Intake) tellNotFetched(e *entry) {
	if e.refused != nil {
		return
	}
	in.totals.NotFetched += len(e.notFetched)
	for _, reason := range e.notFetched {
		if in.observer.NotFetched != nil {
			in.observer.NotFetched(Refusal{Source: source(e.Item), Reason: reason})
		}
	}
}

// discardUnused removes uploads that no conversation uses. What cannot be removed now stays known, and the Delete tool removes it.
func (in *Intake) discardUnused(ctx context.Context, keys []string) error {
	unused, err := in.config.Store.UnusedUploads(ctx, keys)
	if err != nil {
		return err
	}
	for _, key := range unused {
		if _, err := in.config.Store.RemoveLoose(ctx, key, in.config.Media.Delete); err != nil && db.RefusalCode(err) != "" {
			return err
		}
	}
	return nil
}
