package graph

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"qm-compliance/auth"
	"qm-compliance/compliance"
)

// keptSection shows what anonymizing leaves.
type keptSection struct {
	*Resolver
	tally compliance.KeptTally
	// coversContacts says that numbers or addresses go.
	coversContacts bool
}

func (r *Resolver) kept(tally compliance.KeptTally, selection compliance.Selection) keptSection {
	return keptSection{r, tally, selection.CoversContacts()}
}

// Kept lists it by kind and key. The examples of all of it are loaded together.
func (k keptSection) Kept(first int) ([]*KeptData, error) {
	sorted, err := upTo(first, slices.SortedFunc(maps.Keys(k.tally), compliance.KeptData.Compare))
	examples := &exampleBatch{Resolver: k.Resolver}
	return mapped(sorted, func(data compliance.KeptData) *KeptData {
		total := k.tally[data]
		examples.ids = append(examples.ids, total.Examples...)
		return &KeptData{
			Kind: data.Kind, Key: orNull(data.Key), Count: total.Count, ConversationCount: total.Conversations,
			ProtectedUntil: total.ProtectedUntil, ids: total.Examples, batch: examples,
		}
	}), err
}

// KeptCount is the number of entries.
func (k keptSection) KeptCount() int { return len(k.tally) }

// IsTextKept warns of free text, which often repeats what is overwritten elsewhere.
func (k keptSection) IsTextKept() bool { return k.coversContacts && k.tally.HasText() }

// KeptData shows what is left of one kind.
type KeptData struct {
	Kind                     compliance.KeptKind
	Key                      *string
	Count, ConversationCount int
	ProtectedUntil           *time.Time

	ids   []int64
	batch *exampleBatch
}

// Examples are some of the conversations, without those that the viewer may not see.
func (d *KeptData) Examples(ctx context.Context) ([]*KeptDataExample, error) {
	return d.batch.show(ctx, d.ids)
}

// exampleBatch is conversations that are shown as examples; all of them are loaded at once.
type exampleBatch struct {
	*Resolver
	ids    []int64
	loaded memo[*ast.Field, map[int64]*Conversation]
}

func (b *exampleBatch) show(ctx context.Context, ids []int64) ([]*KeptDataExample, error) {
	byID, err := b.conversations(ctx)
	examples := []*KeptDataExample{}
	for _, id := range ids {
		if shown := byID[id]; shown != nil {
			examples = append(examples, &KeptDataExample{shown})
		}
	}
	return examples, err
}

// conversations are those of the batch that the viewer may see. Fields with different selections need different
// relations.
func (b *exampleBatch) conversations(ctx context.Context) (map[int64]*Conversation, error) {
	return b.loaded.get(graphql.GetFieldContext(ctx).Field.Field, func() (map[int64]*Conversation, error) {
		viewer, err := viewer(ctx)
		if err != nil || !viewer.Has(auth.RoleViewConversationsScreen) {
			return nil, err
		}
		slices.Sort(b.ids)
		return b.showByID(ctx, b.accessOf(viewer), slices.Compact(b.ids))
	})
}
