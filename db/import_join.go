package db

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
)

// join makes one conversation of the stored ones of each gathering, and anonymizes in all of it what was anonymized in any part.
func (w *importation) join(ctx context.Context, g *gathering) error {
	if len(g.stored) == 0 {
		return nil
	}
	uneven := false
	for _, c := range g.stored {
		done := c.Done()
		uneven = uneven || (done == nil && !g.done.Empty()) || (done != nil && !done.Equal(g.done))
	}
	if len(g.stored) > 1 {
		if err := w.absorb(ctx, g); err != nil {
			return err
		}
	}
	if uneven {
		return w.spread(ctx, g)
	}
	return nil
}

// absorb moves everything of the other conversations into the first one, and remembers where they went. Places of segments meet in it until write
// settles them; the database looks at them when the transaction ends.
func (w *importation) absorb(ctx context.Context, g *gathering) error {
	target, others := g.stored[0].ID, []int64{}
	for _, c := range g.stored[1:] {
		others = append(others, c.ID)
	}
	for _, table := range tablesOfConversation() {
		if _, err := w.tx.NewRaw("UPDATE ? SET conversation_id = ? WHERE conversation_id IN (?)", table, target, bun.List(others)).Exec(ctx); err != nil {
			return err
		}
	}
	const remember = "INSERT INTO conversation_merges (merged_id, conversation_id, merged_at) SELECT id, ?, ? FROM unnest(ARRAY[?]::bigint[]) AS id"
	if _, err := w.tx.NewRaw(remember, target, w.now, bun.List(others)).Exec(ctx); err != nil {
		return err
	}
	if _, err := w.tx.NewDelete().Model((*Conversation)(nil)).Where("id IN (?)", bun.List(others)).Exec(ctx); err != nil {
		return err
	}
	g.merged = len(others)
	return notifyConversations(ctx, w.tx, others)
}

// spread anonymizes what is stored of a gathering with everything that was on for any part of it.
func (w *importation) spread(ctx context.Context, g *gathering) error {
	_, version := g.lastAnonymized()
	plan := anonymizationPlan{now: w.now, version: version, selection: g.done}
	work := &anonymization{store: w.store, tx: w.tx, actor: w.actor, anonymizationPlan: plan}
	_, err := work.run(ctx, Everything(), []int64{g.stored[0].ID})
	if err != nil {
		return err
	}
	g.stored[0] = work.conversations[0]
	return nil
}

// lastAnonymized tells when the parts of a gathering were anonymized last, and under which version of the settings; the zero time where none was.
func (g *gathering) lastAnonymized() (at time.Time, version int) {
	for _, c := range g.stored {
		if c.AnonymizedAt != nil && c.AnonymizedAt.After(at) {
			at, version = *c.AnonymizedAt, *c.SettingsVersion
		}
	}
	for _, in := range g.incoming {
		if in.Anonymization != nil && in.Anonymization.At.After(at) {
			at, version = in.Anonymization.At, in.Anonymization.SettingsVersion
		}
	}
	return at, version
}

// base is what the incoming vCons of a gathering are compared with: the stored conversation, else an empty one with what an export says was anonymized.
func (g *gathering) base(now time.Time) *Conversation {
	if len(g.stored) > 0 {
		return g.stored[0]
	}
	c := &Conversation{ImportedAt: now, MediaStatus: compliance.MediaNone, DoneKeys: []string{}}
	if at, version := g.lastAnonymized(); version > 0 {
		c.AnonymizedAt, c.SettingsVersion = &at, &version
		c.setDone(g.done)
	}
	return c
}
