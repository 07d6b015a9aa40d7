package importing

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
	"qm-compliance/db"
	"qm-compliance/media/filestore"
)

// flush stores the batch. What the database refuses of it is found by storing one document at a time.
func (im *importer) flush(ctx context.Context) error {
	batch := im.batch
	im.batch, im.bytes = nil, 0
	if len(batch) == 0 {
		return nil
	}
	ctx, span := im.config.Tracer.Start(ctx, "import of a batch")
	defer span.End()
	span.Number("qm.vcons", len(batch))
	err := im.storeBatch(ctx, batch, false)
	if err == nil || ctx.Err() != nil || !im.isolates(err) {
		return err
	}
	for _, e := range batch {
		if e.refused != nil {
			continue
		}
		err := im.storeBatch(ctx, []*entry{e}, false)
		if errors.Is(err, db.ErrMediaMoved) {
			err = im.storeBatch(ctx, []*entry{e}, true)
		}
		if err != nil && !im.refusable(e.Item, err) {
			return err
		}
	}
	return nil
}

// isolates reports whether an error may be about single documents of a batch.
func (im *importer) isolates(err error) bool {
	return db.IsRefusal(err) || compliance.UserErrors(err) != nil || errors.Is(err, db.ErrMediaMoved)
}

// storeBatch brings the recordings of a batch into the file store and then its conversations into the
// database. Recordings that no conversation uses in the end are removed again; what a process that is killed
// leaves, the Delete tool removes.
func (im *importer) storeBatch(ctx context.Context, batch []*entry, anew bool) error {
	recordings, err := im.recordings(ctx, batch, anew)
	if err != nil {
		return err
	}
	var keys []string
	var uploads []*db.Upload
	for _, r := range recordings {
		r.key = filestore.NewKey(time.Now())
		keys, uploads = append(keys, r.key), append(uploads, &db.Upload{StoreKey: r.key, UploadedFor: r.vcon})
	}
	if len(recordings) > 0 {
		if err := im.config.Media.VerifyIdentity(ctx, im.config.Store.RememberMediaStore); err != nil {
			return err
		}
	}
	if err := im.config.Store.TrackUploads(ctx, uploads); err != nil {
		return err
	}
	err = im.uploadAll(ctx, recordings)
	if err == nil {
		err = im.importBatch(ctx, batch)
	}
	return errors.Join(err, im.discardUnused(context.WithoutCancel(ctx), keys))
}

func (im *importer) uploadAll(ctx context.Context, recordings []*recording) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(uploads)
	for _, r := range recordings {
		group.Go(func() error { return im.upload(ctx, r) })
	}
	return group.Wait()
}

func (im *importer) importBatch(ctx context.Context, batch []*entry) error {
	var conversations []*conversation.Incoming
	for _, e := range batch {
		if e.refused != nil {
			im.refuse(e.Item, e.refused)
			continue
		}
		conversations = append(conversations, e.conversations()...)
	}
	result, err := im.config.Store.Import(ctx, im.op, conversations)
	if err != nil {
		return err
	}
	im.totals.Added += result.Added
	im.totals.Updated += result.Updated
	im.totals.Unchanged += result.Unchanged
	for _, e := range batch {
		im.tellNotFetched(e)
		im.countElsewhere(e)
	}
	return im.tellMissing(ctx, batch)
}

// tellNotFetched waits until the vCon is stored: before that it may be tried again, or refused.
func (im *importer) tellNotFetched(e *entry) {
	if e.refused != nil {
		return
	}
	im.totals.NotFetched += len(e.notFetched)
	for _, reason := range e.notFetched {
		if im.observer.NotFetched != nil {
			im.observer.NotFetched(Refusal{Source: e.Item.source(), Reason: reason})
		}
	}
}

// tellMissing tells of the recordings that are not here, of those vCons that are stored without them: what came
// in earlier is not missing.
func (im *importer) tellMissing(ctx context.Context, batch []*entry) error {
	var ids []uuid.UUID
	for _, e := range batch {
		for id, file := range e.media() {
			if e.refused == nil && file.IsMissing() {
				ids = append(ids, id)
			}
		}
	}
	missing, err := im.config.Store.MissingMedia(ctx, ids)
	if err != nil {
		return err
	}
	for _, e := range batch {
		for id, file := range e.media() {
			if e.refused != nil || !file.IsMissing() || missing[id] == 0 {
				continue
			}
			missing[id]--
			im.totals.Missing++
			if im.observer.Missing != nil {
				im.observer.Missing(Refusal{Source: e.Item.source(), Reason: im.whyMissing(e, file)})
			}
		}
	}
	return nil
}

// whyMissing says where a recording was looked for, without its name.
func (im *importer) whyMissing(e *entry, file *conversation.IncomingMedia) string {
	why := "the vCon has neither its content nor a url that it can be fetched from"
	switch {
	case e.absent[file.Place] != "":
		why = e.absent[file.Place]
	case im.config.Beside && len(file.Beside) > 0:
		why = "no file with this name was found beside the vCon"
	}
	return file.Place + ": the recording is missing: " + why + "; import the vCon again together with it"
}

// countElsewhere counts the texts that a vCon that is stored has no more than a url of.
func (im *importer) countElsewhere(e *entry) {
	if e.refused == nil {
		im.totals.TextsElsewhere += e.Conversation.TextsElsewhere
	}
}

// discardUnused removes uploads that no conversation uses. What cannot be removed now stays known, and the
// Delete tool removes it.
func (im *importer) discardUnused(ctx context.Context, keys []string) error {
	unused, err := im.config.Store.UnusedUploads(ctx, keys)
	if err != nil {
		return err
	}
	for _, key := range unused {
		_, err := im.config.Store.RemoveLoose(ctx, key, im.config.Media.Delete)
		if err != nil && db.RefusalCode(err) != "" {
			return err
		}
	}
	return nil
}
