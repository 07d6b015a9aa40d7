package importing

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"qm-compliance/media/fetch"
	"qm-compliance/media/filestore"
	"qm-compliance/vcon"
)

// upload brings one recording into the store. Its error says that the store, or the whole import, cannot go
// on.
func (im *importer) upload(ctx context.Context, r *recording) error {
	content, err := r.open(ctx)
	if err != nil {
		return im.missing(ctx, r, err)
	}
	defer func() { _ = content.Close() }()
	if answer, is := content.(fetch.Body); is {
		vcon.TakeMediaType(r.file, answer.MediaType)
	}
	sums := vcon.NewSums()
	size, err := im.config.Media.Put(ctx, r.key, r.file.MediaType, io.TeeReader(content, sums))
	if errors.Is(err, filestore.ErrContent) {
		return im.missing(ctx, r, err)
	}
	if err != nil {
		return err
	}
	if err := sums.Verify(r.file); err != nil {
		im.mu.Lock()
		defer im.mu.Unlock()
		r.item.refused = err
		return nil
	}
	r.file.StoreKey, r.file.Size = r.key, size
	return nil
}

// missing deals with bytes that could not be had: what was to be fetched stays a reference, anything else
// refuses the vCon.
func (im *importer) missing(ctx context.Context, r *recording, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	im.mu.Lock()
	defer im.mu.Unlock()
	if !r.fetched {
		r.item.refused = fmt.Errorf("%s: %s cannot be read: %w", r.file.Place, r.describe, inPlainWords(err))
		return nil
	}
	r.item.notFetched = append(r.item.notFetched, r.file.Place+": "+inPlainWords(err).Error()+"; its url is kept as a reference")
	return nil
}

// inPlainWords leaves out a file's name and a url, which may be personal data.
func inPlainWords(err error) error {
	if failed, ok := errors.AsType[*fetch.Error](err); ok {
		return failed
	}
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return at.Err
	}
	return err
}
