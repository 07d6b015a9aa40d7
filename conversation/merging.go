package conversation

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"qm-compliance/compliance"
)

// KeyIndex is what an import needs to know of the metadata keys of its batch.
type KeyIndex struct {
	// IDs finds the ids of the keys by their names.
	IDs map[string]int
	// Correlation are the names of those by whose values conversations are merged.
	Correlation map[string]bool
}

// Correlates reports whether a value can make one of two conversations. What reads like a placeholder never
// does (design, section 5).
func (k KeyIndex) Correlates(key, value string) bool {
	return k.Correlation[key] && value != "" && value != string(compliance.MetadataPlaceholder)
}

// Links tie incoming vCons to stored conversations.
type Links struct {
	// Stored finds the conversations that vCons are stored in: those of the incoming ones, of the versions that
	// they name, and of the ones that they were merged with.
	Stored map[uuid.UUID]int64
	// Matches are the stored values that correlate with one that comes in; none of them is anonymized.
	Matches []Match
}

// Match says that a stored conversation has a value of a correlation key.
type Match struct {
	Key, Value     string
	ConversationID int64
}

// Conversations returns the ids of all conversations that the links lead to, sorted.
func (l Links) Conversations() []int64 {
	ids := slices.Collect(maps.Values(l.Stored))
	for _, match := range l.Matches {
		ids = append(ids, match.ConversationID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// MergeGroup is one conversation in the making: the incoming vCons that belong to it, and the stored
// conversations that they belong to.
type MergeGroup struct {
	// Incoming are in the order in which they came.
	Incoming []*Incoming
	// Stored are sorted by id: the first stays, and the others join it. There is none for a new conversation.
	Stored []*Conversation
	// Done is everything that was on whenever one of them was anonymized.
	Done compliance.Selection
}

// MergeGroups sorts incoming vCons into the conversations that they become. It unites what belongs together:
// first by the vCons' own identities, then by equal values of correlation keys, until no two are left that
// have one in common. Stored holds every conversation that the links lead to. The groups are in the order of
// their first vCons.
//
// What is united is anonymized alike, which may anonymize the value of another key, and an anonymized value
// matches nothing. Values of what was anonymized therefore unite before any other, so that the order of
// import decides nothing.
func MergeGroups(
	incoming []*Incoming, stored map[int64]*Conversation, links Links, keys KeyIndex,
) []MergeGroup {
	sets := newMergeSets(incoming, stored)
	sets.uniteIdentities(links)
	shared := sets.sharedValues(links, keys)
	for more := true; more; {
		more = sets.uniteNext(shared, true) || sets.uniteNext(shared, false)
	}
	return sets.groups()
}

// mergeSets are disjoint sets of members. A member is an index: first those of the incoming vCons, then those
// of the stored conversations.
type mergeSets struct {
	incoming []*Incoming
	stored   []*Conversation // sorted by id
	parents  []int
	done     []compliance.Selection // of a set, at the index of its root
}

func newMergeSets(incoming []*Incoming, stored map[int64]*Conversation) *mergeSets {
	sets := &mergeSets{incoming: incoming}
	add := func(done *compliance.Selection) {
		if done == nil {
			done = &compliance.Selection{}
		}
		sets.parents, sets.done = append(sets.parents, len(sets.parents)), append(sets.done, *done)
	}
	for _, in := range incoming {
		if in.Anonymization == nil {
			add(nil)
		} else {
			add(&in.Anonymization.Selection)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(stored)) {
		sets.stored = append(sets.stored, stored[id])
		add(stored[id].Done())
	}
	return sets
}

func (s *mergeSets) root(member int) int {
	for s.parents[member] != member {
		member = s.parents[member]
	}
	return member
}

// unite makes one set of two; what was anonymized in either is anonymized in both.
func (s *mergeSets) unite(a, b int) {
	if a, b = s.root(a), s.root(b); a != b {
		s.parents[b], s.done[a] = a, s.done[a].Union(s.done[b])
	}
}

// storedMember finds the member of a stored conversation; -1 where there is none.
func (s *mergeSets) storedMember(id int64) int {
	byID := func(c *Conversation, id int64) int { return cmp.Compare(c.ID, id) }
	place, found := slices.BinarySearchFunc(s.stored, id, byID)
	if !found {
		return -1
	}
	return len(s.incoming) + place
}

// uniteIdentities joins each vCon with the conversation that it is stored in, with the other versions of it,
// and with the vCons that an export says it was merged with.
func (s *mergeSets) uniteIdentities(links Links) {
	members, named := map[uuid.UUID]int{}, map[uuid.UUID]int{}
	for i, in := range s.incoming {
		members[in.UUID] = i
	}
	for i, in := range s.incoming {
		for _, name := range in.Names() {
			if id, is := links.Stored[name]; is {
				s.unite(i, s.storedMember(id))
			}
			if other, is := named[name]; is {
				s.unite(i, other)
			}
			named[name] = i
		}
		for _, other := range in.MergedWith {
			if member, is := members[other]; is {
				s.unite(i, member)
			} else if id, is := links.Stored[other]; is {
				s.unite(i, s.storedMember(id))
			}
		}
	}
}

// sharedValue is a value of a correlation key with all members that have it.
type sharedValue struct {
	key, value string
	members    []int
}

// sharedValues lists the values of correlation keys that the incoming vCons have, sorted.
func (s *mergeSets) sharedValues(links Links, keys KeyIndex) []sharedValue {
	type place struct{ key, value string }
	members := map[place][]int{}
	for i, in := range s.incoming {
		for _, m := range in.Metadata {
			if at := (place{m.Key, m.Value}); keys.Correlates(m.Key, m.Value) {
				members[at] = append(members[at], i)
			}
		}
	}
	for _, m := range links.Matches {
		at := place{m.Key, m.Value}
		members[at] = append(members[at], s.storedMember(m.ConversationID))
	}
	shared := make([]sharedValue, 0, len(members))
	for at, list := range members {
		shared = append(shared, sharedValue{at.key, at.value, list})
	}
	slices.SortFunc(shared, func(a, b sharedValue) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.value, b.value))
	})
	return shared
}

// uniteNext unites the sets of the first value that two of them have in common, and reports whether there was
// one. Anonymized asks that one of them was anonymized.
func (s *mergeSets) uniteNext(shared []sharedValue, anonymized bool) bool {
	for _, value := range shared {
		roots := s.matching(value)
		wasAnonymized := func(root int) bool { return !s.done[root].Empty() }
		if len(roots) < 2 || anonymized && !slices.ContainsFunc(roots, wasAnonymized) {
			continue
		}
		for _, other := range roots[1:] {
			s.unite(roots[0], other)
		}
		return true
	}
	return false
}

// matching returns the roots of the sets that have a value which was not anonymized in them.
func (s *mergeSets) matching(value sharedValue) []int {
	var roots []int
	for _, member := range value.members {
		if root := s.root(member); !s.done[root].Key(value.key) && !slices.Contains(roots, root) {
			roots = append(roots, root)
		}
	}
	return roots
}

func (s *mergeSets) groups() []MergeGroup {
	byRoot := map[int]*MergeGroup{}
	var order []int
	for i, in := range s.incoming {
		root := s.root(i)
		if byRoot[root] == nil {
			byRoot[root], order = &MergeGroup{Done: s.done[root]}, append(order, root)
		}
		byRoot[root].Incoming = append(byRoot[root].Incoming, in)
	}
	for i, c := range s.stored {
		if group := byRoot[s.root(len(s.incoming)+i)]; group != nil {
			group.Stored = append(group.Stored, c)
		}
	}
	groups := make([]MergeGroup, 0, len(order))
	for _, root := range order {
		groups = append(groups, *byRoot[root])
	}
	return groups
}

// Joining returns the stored conversations that join the first one.
func (g MergeGroup) Joining() []*Conversation {
	if len(g.Stored) == 0 {
		return nil
	}
	return g.Stored[1:]
}

// Anonymizing returns how to anonymize what is stored of the group, so that all of it is anonymized in what
// any part was; false where it is so already.
func (g MergeGroup) Anonymizing(now time.Time) (Anonymizing, bool) {
	uneven := func(c *Conversation) bool {
		done := c.Done()
		return done == nil && !g.Done.Empty() || done != nil && !done.Equal(g.Done)
	}
	_, version := g.lastAnonymized()
	return Anonymizing{Selection: g.Done, Version: version, At: now}, slices.ContainsFunc(g.Stored, uneven)
}

// Base is what the incoming vCons of the group are compared with: the stored conversation that stays, else an
// empty one with what an export says was anonymized.
func (g MergeGroup) Base(now time.Time) *Conversation {
	if len(g.Stored) > 0 {
		return g.Stored[0]
	}
	c := &Conversation{ImportedAt: now, MediaStatus: compliance.MediaNone, DoneKeys: []string{}}
	if at, version := g.lastAnonymized(); version > 0 {
		c.SetDone(at, version, g.Done)
	}
	return c
}

// lastAnonymized tells when the parts of a group were anonymized last, and under which version of the
// settings; 0 where none was.
func (g MergeGroup) lastAnonymized() (at time.Time, version int) {
	for _, c := range g.Stored {
		if c.AnonymizedAt != nil && c.AnonymizedAt.After(at) {
			at, version = *c.AnonymizedAt, c.DoneVersion()
		}
	}
	for _, in := range g.Incoming {
		if in.Anonymization != nil && in.Anonymization.At.After(at) {
			at, version = in.Anonymization.At, in.Anonymization.SettingsVersion
		}
	}
	return at, version
}
