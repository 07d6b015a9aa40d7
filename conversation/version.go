package conversation

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
)

// VconVersion is a uuid under which a vCon is known: that of the vCon itself, of an earlier version of it, or of
// a version that another one names. Only vCons of which there is more than one version have any.
type VconVersion struct {
	UUID           uuid.UUID `bun:",pk"`
	ConversationID int64
	// StoredAs is the version of the vCon whose data is stored, which is the newest.
	StoredAs uuid.UUID
	// MadeFrom are the versions that this one says it was made from; none where it never came in.
	MadeFrom []uuid.UUID `bun:",array"`
	// MadeAt is when this version says that it was made; nil where that is not known.
	MadeAt *time.Time
	// CameIn tells that the version itself came in, and is not only named by another one.
	CameIn bool
}

// IncomingVersion is what a vCon says about a version of itself.
type IncomingVersion struct {
	UUID     uuid.UUID
	MadeFrom []uuid.UUID
	// MadeAt is the zero time where it is not known.
	MadeAt time.Time
}

// Names returns every uuid under which a vCon is known by what it says itself: its own, and those of the
// versions that it names.
func (i *Incoming) Names() []uuid.UUID {
	names := []uuid.UUID{i.UUID}
	for _, version := range i.Versions {
		names = append(append(names, version.UUID), version.MadeFrom...)
	}
	return distinct(names)
}

// Names returns the uuids under which the vCons of a new conversation are known.
func (i Import) Names() []uuid.UUID {
	var names []uuid.UUID
	for _, v := range i.After.Vcons {
		names = append(names, v.UUID)
	}
	for _, version := range i.Versions {
		names = append(names, version.UUID)
	}
	return distinct(names)
}

// distinct returns ids sorted, each once.
func distinct(ids []uuid.UUID) []uuid.UUID {
	slices.SortFunc(ids, compareIDs)
	return slices.Compact(ids)
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

// lineage is the versions of one vCon: those that come in, the parts that are stored of it, and all that is
// known of how they were made. More than one part is stored where two versions came in before the one that
// ties them.
type lineage struct {
	incoming []*Incoming
	stored   []*Part
	versions map[uuid.UUID]*VconVersion
}

// lineagesOf sorts what comes in into lineages, in the order of the first of each. Stored are the parts of
// the conversation by their uuids, known its versions.
func lineagesOf(incoming []*Incoming, stored map[uuid.UUID]*Part, known []*VconVersion) []*lineage {
	holders := map[uuid.UUID]*lineage{}
	var all []*lineage
	byPart := map[uuid.UUID][]*VconVersion{}
	partOf := map[uuid.UUID]uuid.UUID{}
	for _, version := range known {
		byPart[version.StoredAs] = append(byPart[version.StoredAs], version)
		partOf[version.UUID] = version.StoredAs
	}
	for _, in := range incoming {
		l := &lineage{incoming: []*Incoming{in}, versions: map[uuid.UUID]*VconVersion{}}
		all = append(all, l)
		names := in.Names()
		for _, name := range slices.Clone(names) {
			for _, version := range byPart[cmp.Or(partOf[name], name)] {
				names = append(names, version.UUID)
				l.learn(version.UUID, version.MadeFrom, version.MadeAt, version.CameIn)
			}
		}
		for _, version := range in.Versions {
			l.learn(version.UUID, version.MadeFrom, orNil(version.MadeAt), false)
			for _, from := range version.MadeFrom {
				l.learn(from, nil, nil, false)
			}
		}
		for _, name := range distinct(names) {
			if part := stored[name]; part != nil {
				l.stored = append(l.stored, part)
			}
			if other := holders[name]; other != nil && other != l {
				all = slices.DeleteFunc(all, func(one *lineage) bool { return one == l })
				other.take(l)
				for id, holder := range holders {
					if holder == l {
						holders[id] = other
					}
				}
				l = other
			}
			holders[name] = l
		}
	}
	return all
}

// learn adds what is known of how a version was made. What comes in replaces what was known before.
func (l *lineage) learn(id uuid.UUID, madeFrom []uuid.UUID, madeAt *time.Time, cameIn bool) {
	known := l.versions[id]
	if known == nil {
		known = &VconVersion{UUID: id, MadeFrom: []uuid.UUID{}}
		l.versions[id] = known
	}
	known.CameIn = known.CameIn || cameIn
	if len(madeFrom) > 0 {
		known.MadeFrom = madeFrom
	}
	if madeAt != nil {
		known.MadeAt = madeAt
	}
}

// take adds all of another lineage.
func (l *lineage) take(other *lineage) {
	for _, in := range other.incoming {
		if !slices.Contains(l.incoming, in) {
			l.incoming = append(l.incoming, in)
		}
	}
	for _, part := range other.stored {
		if !slices.Contains(l.stored, part) {
			l.stored = append(l.stored, part)
		}
	}
	for _, version := range other.versions {
		l.learn(version.UUID, version.MadeFrom, version.MadeAt, version.CameIn)
	}
}

// newest decides whose data is stored (design, section 5, "Versions"): that of a version from which no known
// one was made; of several the one that was made last, and of those the one with the greatest uuid.
func (l *lineage) newest(ids []uuid.UUID) uuid.UUID {
	isNewest := func(id uuid.UUID) bool { return !l.isOld(id) }
	if slices.ContainsFunc(ids, isNewest) {
		ids = slices.DeleteFunc(slices.Clone(ids), l.isOld)
	}
	return slices.MaxFunc(ids, func(a, b uuid.UUID) int {
		return cmp.Or(l.madeAt(a).Compare(l.madeAt(b)), compareIDs(a, b))
	})
}

// isOld reports whether a known version was made from this one. Two that say that they were made from each
// other are equally old.
func (l *lineage) isOld(id uuid.UUID) bool {
	for other := range l.versions {
		if other != id && l.leads(other, id) && !l.leads(id, other) {
			return true
		}
	}
	return false
}

// leads reports whether a version was made from another one, or from one that was.
func (l *lineage) leads(from, to uuid.UUID) bool {
	seen, wanted := map[uuid.UUID]bool{}, []uuid.UUID{from}
	for len(wanted) > 0 {
		version := l.versions[wanted[0]]
		if wanted = wanted[1:]; version == nil || seen[version.UUID] {
			continue
		}
		seen[version.UUID] = true
		if slices.Contains(version.MadeFrom, to) {
			return true
		}
		wanted = append(wanted, version.MadeFrom...)
	}
	return false
}

func (l *lineage) madeAt(id uuid.UUID) time.Time {
	if version := l.versions[id]; version != nil {
		return orZero(version.MadeAt)
	}
	return time.Time{}
}

// settle decides which version stays: one that comes in, or the stored part of it where none of those does.
func (l *lineage) settle() (winner *Incoming, stays *Part) {
	var ids []uuid.UUID
	for _, in := range l.incoming {
		ids = append(ids, in.UUID)
	}
	for _, part := range l.stored {
		ids = append(ids, part.Vcon.UUID)
	}
	newest := l.newest(ids)
	for _, in := range l.incoming {
		if in.UUID == newest {
			return in, nil
		}
	}
	for _, part := range l.stored {
		if part.Vcon.UUID == newest {
			return nil, part
		}
	}
	return nil, nil
}

// before is all that is stored of the lineage as one part: that of the version which is to stay where there
// is one, else of the newest, with the segments and the principals of the others too. It has no Vcon where
// nothing is stored.
func (l *lineage) before(id uuid.UUID) *Part {
	if len(l.stored) == 0 {
		return &Part{}
	}
	var ids []uuid.UUID
	for _, part := range l.stored {
		ids = append(ids, part.Vcon.UUID)
	}
	if !slices.Contains(ids, id) {
		id = l.newest(ids)
	}
	at := slices.Index(ids, id)
	before := *l.stored[at]
	before.Segments, before.Principals = slices.Clone(before.Segments), slices.Clone(before.Principals)
	for i, part := range l.stored {
		if i != at {
			before.Segments = append(before.Segments, part.Segments...)
			before.Principals = append(before.Principals, part.Principals...)
		}
	}
	if len(l.stored) > 1 {
		slices.Sort(before.Principals)
		before.Principals = slices.Compact(before.Principals)
	}
	return &before
}

// isNew reports whether a vCon comes in for the first time, under its own uuid.
func (l *lineage) isNew(in *Incoming, known []*VconVersion) bool {
	isStored := func(part *Part) bool { return part.Vcon.UUID == in.UUID }
	return !slices.ContainsFunc(l.stored, isStored) && !slices.ContainsFunc(known, func(v *VconVersion) bool {
		return v.UUID == in.UUID && v.CameIn
	})
}

// retired are the stored versions that give way to another one.
func (l *lineage) retired(id uuid.UUID) []uuid.UUID {
	var gone []uuid.UUID
	for _, part := range l.stored {
		if part.Vcon.UUID != id {
			gone = append(gone, part.Vcon.UUID)
		}
	}
	return gone
}

// changedVersions returns the versions of the lineage that are not stored as they are now, sorted; none where
// there is no other version than the vCon itself.
func (l *lineage) changedVersions(id uuid.UUID, known []*VconVersion) []*VconVersion {
	if len(l.versions) == 0 {
		return nil
	}
	for _, in := range l.incoming {
		l.learn(in.UUID, nil, nil, true)
	}
	for _, part := range l.stored {
		l.learn(part.Vcon.UUID, nil, nil, true)
	}
	stored := map[uuid.UUID]*VconVersion{}
	for _, version := range known {
		stored[version.UUID] = version
	}
	var changed []*VconVersion
	for _, key := range slices.SortedFunc(maps.Keys(l.versions), compareIDs) {
		version := l.versions[key]
		version.StoredAs = id
		if before := stored[key]; before == nil || before.StoredAs != id || !version.same(before) {
			changed = append(changed, version)
		}
	}
	return changed
}

func (v *VconVersion) same(other *VconVersion) bool {
	return slices.Equal(v.MadeFrom, other.MadeFrom) && sameTime(v.MadeAt, other.MadeAt) &&
		v.CameIn == other.CameIn
}

// giveWay is the stored part of a version that stays, with what must be kept of the others for what became of
// their files. Before is all that is stored of the lineage.
func (p *Part) giveWay(before *Part) *Part {
	after := *p
	var segments, gone []*Segment
	var arrivals []arrival
	for _, one := range p.Segments {
		row := *one.Segment
		segments = append(segments, &row)
		for _, file := range one.Files {
			copied := *file
			arrivals = append(arrivals, arrival{segment: &row, file: &copied, before: file})
		}
	}
	for _, one := range before.Segments {
		if one.VconUUID != p.Vcon.UUID {
			gone = append(gone, one.Segment)
		}
	}
	after.Segments = keepFiles(p.Vcon.UUID, segments, gone, arrivals, leftFiles(before.Files(), arrivals))
	return &after
}

// versionsOf returns what is known about the versions of one of the vCons of a conversation, sorted.
func (c *Conversation) versionsOf(id uuid.UUID) (all []IncomingVersion) {
	for _, version := range c.Versions {
		if version.StoredAs == id {
			all = append(all, IncomingVersion{version.UUID, version.MadeFrom, orZero(version.MadeAt)})
		}
	}
	slices.SortFunc(all, func(a, b IncomingVersion) int { return compareIDs(a.UUID, b.UUID) })
	return all
}
