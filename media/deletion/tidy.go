package deletion

import "context"

// tidy removes what belongs to nothing any more.
func (p *pass) tidy(ctx context.Context) error {
	for after := ""; ; {
		keys, err := p.Database.LooseMedia(ctx, after, page)
		if err != nil {
			return err
		}
		if len(keys) == 0 {
			break
		}
		for _, key := range keys {
			if err := p.loose(ctx, key); err != nil {
				return err
			}
		}
		after = keys[len(keys)-1]
	}
	swept, err := p.Store.Sweep(ctx, p.Now().Add(-staleAfter))
	p.summary.Loose += swept
	return err
}

// loose removes one file, unless it is in use by now. What could not be removed is for the next pass.
func (p *pass) loose(ctx context.Context, key string) error {
	removed, err := p.Database.RemoveLoose(ctx, key, p.Store.Delete)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		p.count(Event{Outcome: Failed, Reason: explain(err), Loose: true})
	case removed:
		p.summary.Loose++
	}
	return nil
}
