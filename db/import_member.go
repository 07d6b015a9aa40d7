package db

import (
	"cmp"
	"slices"

	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

// member is an incoming vCon or a stored conversation, and, once united with others, all of them.
type member struct {
	into     *member // the one that it was united with
	incoming []*conversation.Incoming
	stored   []*Conversation
	done     compliance.Selection
}

func storedMember(row *Conversation) *member {
	m := &member{stored: []*Conversation{row}}
	if done := row.Done(); done != nil {
		m.done = *done
	}
	return m
}

func incomingMember(in *conversation.Incoming) *member {
	m := &member{incoming: []*conversation.Incoming{in}}
	if in.Anonymization != nil {
		m.done = in.Anonymization.Selection
	}
	return m
}

func (m *member) root() *member {
	for m.into != nil {
		m = m.into
	}
	return m
}

// unite makes one of two; what was anonymized in either is anonymized in both.
func unite(a, b *member) {
	if a, b = a.root(), b.root(); a == b {
		return
	}
	b.into = a
	a.incoming, a.stored, a.done = append(a.incoming, b.incoming...), append(a.stored, b.stored...), a.done.Union(b.done)
}

func (m *member) gathering() *gathering {
	slices.SortFunc(m.stored, func(a, b *Conversation) int { return cmp.Compare(a.ID, b.ID) })
	return &gathering{incoming: m.incoming, stored: m.stored, done: m.done}
}

// label is a value of a correlation key with all that have it.
type label struct {
	key, value string
	members    []*member
}

// settle unites all that have a value in common, until no two are left that do. Since uniting with something that was anonymized may anonymize the value
// of another key, which then matches nothing any more, those that were anonymized come first: so the order of import decides nothing.
func settle(labels []label) {
	for uniteNext(labels, true) || uniteNext(labels, false) {
	}
}

func uniteNext(labels []label, anonymized bool) bool {
	for _, l := range labels {
		if l.unite(anonymized) {
			return true
		}
	}
	return false
}

func (l label) unite(anonymized bool) bool {
	var roots []*member
	wanted := !anonymized
	for _, m := range l.members {
		root := m.root()
		if !root.done.Key(l.key) && !slices.Contains(roots, root) {
			roots = append(roots, root)
			wanted = wanted || !root.done.Empty()
		}
	}
	if len(roots) < 2 || !wanted {
		return false
	}
	for _, other := range roots[1:] {
		unite(roots[0], other)
	}
	return true
}
