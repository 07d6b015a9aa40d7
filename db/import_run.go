package db

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"qm-compliance/conversation"
)

// importation is one round of a batch on its way into the database.
type importation struct {
	store    *Store
	tx       bun.Tx
	actor    Actor
	now      time.Time
	keys     keyring
	incoming []*conversation.Incoming

	// principals are the stored ones of each vCon, sorted.
	principals map[uuid.UUID][]string
	pending    []*pending
}

// pending is a conversation to be written.
type pending struct {
	// base is what is stored, an empty conversation for one that is new; wanted has all its vCons, as far as they are loaded.
	base, wanted *Conversation
	// parts are the vCons that are new or changed.
	parts []*part
	// moved are segments of other vCons that have another place in the conversation now.
	moved []*Segment
	// merged counts the stored conversations that joined base just now.
	merged int
}

// part is what one incoming vCon changes.
type part struct {
	stored, wanted *Conversation // stored is empty for a vCon that is new
	principals     []string
}

func (w *importation) run(ctx context.Context, result *ImportResult) error {
	gatherings, err := w.gather(ctx)
	if err != nil {
		return err
	}
	for _, g := range gatherings {
		if err := w.join(ctx, g); err != nil {
			return err
		}
	}
	if err := w.load(ctx, gatherings); err != nil {
		return err
	}
	for _, g := range gatherings {
		p, err := w.compare(g, result)
		if err != nil {
			return err
		}
		if len(p.parts) > 0 || p.merged > 0 {
			w.pending = append(w.pending, p)
		}
	}
	return w.write(ctx)
}

// load reads what is stored of the incoming vCons; of the others in their conversations no more than where their segments and files stand.
func (w *importation) load(ctx context.Context, gatherings []*gathering) error {
	loader := relationLoader{db: w.tx}
	for _, g := range gatherings {
		if len(g.stored) > 0 {
			loader.conversations, loader.ids = append(loader.conversations, g.stored[0]), append(loader.ids, g.stored[0].ID)
		}
	}
	if len(loader.ids) == 0 {
		return nil
	}
	for _, in := range w.incoming {
		loader.vcons = append(loader.vcons, in.UUID)
	}
	if err := w.loadPrincipals(ctx, loader.vcons); err != nil {
		return err
	}
	return loader.all(ctx, Relations{Vcons: true, Participants: true, Segments: true, Messages: true, Metadata: true, Media: true})
}

func (w *importation) loadPrincipals(ctx context.Context, vcons []uuid.UUID) error {
	var rows []*principal
	err := w.tx.NewSelect().Model(&rows).Where("conversation_id IN (SELECT v.conversation_id FROM vcons AS v WHERE v.uuid IN (?0)) AND vcon_uuid IN (?0)", bun.List(vcons)).
		OrderExpr(`principal COLLATE "C"`).Scan(ctx)
	w.principals = map[uuid.UUID][]string{}
	for _, row := range rows {
		w.principals[row.VconUUID] = append(w.principals[row.VconUUID], row.Principal)
	}
	return err
}

// compare finds what the incoming vCons of a gathering change.
func (w *importation) compare(g *gathering, result *ImportResult) (*pending, error) {
	p := &pending{base: g.base(w.now), merged: g.merged}
	stored := p.base.split()
	wanted := map[uuid.UUID]*Conversation{}
	for id, one := range stored {
		wanted[id] = one
	}
	for _, in := range g.incoming {
		part, err := w.part(in, p.base, stored[in.UUID])
		if err != nil {
			return nil, err
		}
		switch {
		case stored[in.UUID] == nil:
			result.Added++
		case same(part.stored, part.wanted) && slices.Equal(w.principals[in.UUID], part.principals):
			result.Unchanged++
			continue
		default:
			result.Updated++
		}
		wanted[in.UUID], p.parts = part.wanted, append(p.parts, part)
	}
	p.wanted, p.moved = combine(p.base, wanted)
	return p, nil
}

func (w *importation) part(in *conversation.Incoming, base, stored *Conversation) (*part, error) {
	if stored == nil {
		stored = base.part(nil)
	}
	p := &part{stored: stored, wanted: w.rowsOf(in, base.Done()), principals: w.store.principalsOf(in)}
	if base.DoneDigitalAddress {
		p.principals = withMail(p.principals, w.principals[in.UUID])
	}
	return p, merge(stored, p.wanted, w.now)
}

// withMail keeps the agents who are known by an e-mail address that a file need not have any more, since it was anonymized.
func withMail(wanted, stored []string) []string {
	for _, name := range stored {
		if strings.HasPrefix(name, mailPrefix) {
			wanted = append(wanted, name)
		}
	}
	slices.Sort(wanted)
	return slices.Compact(wanted)
}
