package deletion

import (
	"context"
	"errors"

	"qm-compliance/media/filestore"
)

// recognise makes sure that the store can be used, and is the one that the files lie in: in any other one all of them would look deleted. A dry run asks nothing
// of the store that could change it. A full one will have room again by what is deleted.
func (p *pass) recognise(ctx context.Context) error {
	if p.dryRun {
		return p.Store.VerifyIdentity(ctx, p.Database.MediaStore)
	}
	if err := p.Store.Check(ctx); err != nil && !errors.Is(err, filestore.ErrFull) {
		return err
	}
	return p.Store.VerifyIdentity(ctx, p.Database.RememberMediaStore)
}
