package conversation

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"qm-compliance/compliance"
)

// ErrMediaMoved says that a recording is not where it was found when it came in: the stored file that it was
// taken for is gone, or its upload was removed because the import took too long. Imported again, with its
// bytes, it is stored.
var ErrMediaMoved = errors.New("a recording was moved while it was imported")

// arrival is a file that a vCon wants in one of its segments, with what is known of it only while it comes
// in.
type arrival struct {
	segment *Segment
	file    *MediaFile
	// hashes are all that is known of its content. Known says that it was taken for one whose bytes are
	// stored already.
	hashes []string
	known  bool
	// name is a keyed hash of the name that the vCon gives the recording, by which a missing one is found again.
	name string
	// before is the stored file that it is; nil for one that is new.
	before *MediaFile
}

// arrivals lists the files of a vCon, whose segments are given in the same order.
func (i Importing) arrivals(in *Incoming, segments []*Segment) []arrival {
	var all []arrival
	for n, s := range in.Segments {
		for position, m := range s.Media {
			file := fileOf(position, m)
			file.ConversationID, file.SegmentID = segments[n].ConversationID, segments[n].ID
			name := i.Hash.OriginOfName(m.Name)
			switch file.Origin = i.Hash.Origin(m.URL); file.Status {
			case compliance.MediaDeleted:
				file.SourceURL = ""
			case compliance.MediaMissing:
				file.Origin = name
			}
			all = append(all, arrival{
				segment: segments[n], file: file, hashes: append([]string{m.ContentHash}, m.Hashes...), known: m.Known,
				name: name,
			})
		}
	}
	return all
}

// fileOf is a recording as its vCon has it. What an export says of its deletion and of its protection is
// taken over.
func fileOf(position int, in IncomingMedia) *MediaFile {
	file := &MediaFile{
		Position: position, Kind: in.Kind, Status: compliance.MediaAvailable, MediaType: in.MediaType,
		StartedAt:  orNil(in.StartedAt),
		DurationMs: in.Duration.Milliseconds(), SourceURL: in.URL, ContentHash: in.ContentHash,
		StoreKey: in.StoreKey, SizeBytes: in.Size,
	}
	switch {
	case in.Status == compliance.MediaDeleted:
		file.Status, file.StoreKey, file.SizeBytes = compliance.MediaDeleted, "", 0
	case in.IsMissing():
		file.Status, file.SizeBytes = compliance.MediaMissing, 0
	case in.Protection != nil:
		file.Protected, file.ProtectedUntil = true, orNil(in.Protection.Until)
		file.ProtectionReason, file.ProtectionNote = in.Protection.Reason, in.Protection.Note
	}
	return file
}

// placeFiles finds the stored file of each arrival: by its content, else by where it came from, in its own
// segment before any other, so that what was deleted is known again wherever it turns up; else by its place
// in the segment.
func placeFiles(arrivals []arrival, stored []*MediaFile) []arrival {
	placed, taken := slices.Clone(arrivals), map[int64]bool{}
	for _, same := range []func(a arrival, before *MediaFile) bool{
		func(a arrival, before *MediaFile) bool { return a.in(before) && a.sameContent(before) },
		func(a arrival, before *MediaFile) bool { return a.in(before) && a.sameOrigin(before) },
		arrival.sameContent,
		arrival.sameOrigin,
		func(a arrival, before *MediaFile) bool { return a.in(before) && a.samePlace(before) },
	} {
		for n, a := range placed {
			if a.before != nil {
				continue
			}
			isSame := func(before *MediaFile) bool { return !taken[before.ID] && same(a, before) }
			match := slices.IndexFunc(stored, isSame)
			if match >= 0 {
				placed[n].before, taken[stored[match].ID] = stored[match], true
			}
		}
	}
	return placed
}

// in reports whether a stored file is in the segment that the arrival comes into.
func (a arrival) in(before *MediaFile) bool { return before.SegmentID == a.segment.ID }

// sameContent compares all the hashes that are known of an arrival, since a vCon may give another one of the
// same recording each time.
func (a arrival) sameContent(before *MediaFile) bool {
	return before.ContentHash != "" && slices.Contains(a.hashes, before.ContentHash)
}

func (a arrival) sameOrigin(before *MediaFile) bool {
	return before.Origin != "" && (a.file.Origin == before.Origin || a.name == before.Origin)
}

// samePlace takes a file for another in its place only where nothing says that it is not.
func (a arrival) samePlace(before *MediaFile) bool {
	return a.file.Position == before.Position && (a.file.ContentHash == "" || before.ContentHash == "") &&
		!differ(a.file.Origin, before.Origin)
}

// differ reports whether two origins are of different recordings. A url says nothing about a name.
func differ(a, b string) bool {
	isName := func(origin string) bool { return strings.HasPrefix(origin, namePrefix) }
	return a != "" && b != "" && isName(a) == isName(b) && a != b
}

// settle makes of each arrival the file that is to be stored.
func (i Importing) settle(
	arrivals []arrival, done *compliance.Selection, stored []*MediaFile,
) ([]arrival, error) {
	settled := make([]arrival, 0, len(arrivals))
	for _, a := range arrivals {
		file, err := i.settleOne(a, done, stored)
		if err != nil {
			return nil, err
		}
		a.file = &file
		settled = append(settled, a)
	}
	return settled, nil
}

func (i Importing) settleOne(a arrival, done *compliance.Selection, stored []*MediaFile) (MediaFile, error) {
	if a.before != nil && a.before.Status != compliance.MediaMissing {
		return a.kept(), nil
	}
	if a.before != nil { // what was missing until now is like a new one
		a.file.ID = a.before.ID
		if a.file.Status == compliance.MediaMissing {
			a.file.Origin = cmp.Or(a.file.Origin, a.before.Origin)
		}
	}
	if done != nil { // no import brings a note into an anonymized conversation
		a.file.ProtectionNote = ""
	}
	switch {
	case a.isCopyOfDeleted(stored):
		file := a.file.deleted()
		file.SizeBytes = 0
		return file, nil
	case a.known && a.file.Status != compliance.MediaDeleted:
		return MediaFile{}, ErrMediaMoved
	case a.file.Owed(done, i.Now):
		return a.file.planned(i.Now), nil
	}
	return *a.file, nil
}

// isCopyOfDeleted reports whether an arrival is one more copy of a recording that was deleted: that stays
// away, however often a vCon has it. The same url does not tell a copy: without its query it may be that of
// many recordings.
func (a arrival) isCopyOfDeleted(stored []*MediaFile) bool {
	return slices.ContainsFunc(stored, func(before *MediaFile) bool {
		return before.Status == compliance.MediaDeleted && a.sameContent(before)
	})
}

// kept is the stored file with what the vCon says of it now. What became of the file stays. The bytes that
// are stored stay, unless the vCon brings others. What is planned or deleted stays altogether, but for its
// place.
func (a arrival) kept() MediaFile {
	file, before := *a.file, a.before
	if before.Status != compliance.MediaAvailable {
		file = *before
		file.SegmentID, file.Position = a.file.SegmentID, a.file.Position
		return file
	}
	file.ID = before.ID
	if file.Status == compliance.MediaMissing {
		file.Origin = ""
		if before.StoreKey == "" { // it is still where it was said to be
			file.SourceURL, file.Origin = before.SourceURL, before.Origin
		}
	}
	file.Status, file.PlannedAt, file.Failure = before.Status, before.PlannedAt, before.Failure
	file.Protected, file.ProtectedUntil = before.Protected, before.ProtectedUntil
	file.ProtectionReason, file.ProtectionNote = before.ProtectionReason, before.ProtectionNote
	brings := file.StoreKey != "" && !a.sameContent(before)
	if before.StoreKey != "" && !brings {
		file.StoreKey, file.SizeBytes, file.ContentHash = before.StoreKey, before.SizeBytes, before.ContentHash
	}
	if file.MediaType == "" && file.StoreKey != "" && file.StoreKey == before.StoreKey {
		// Its host said it when it was fetched.
		file.Kind, file.MediaType = before.Kind, before.MediaType
	}
	return file
}

// MayVanish reports whether a file goes when its vCon has it no longer: one that was planned, deleted or
// protected stays.
func (f *MediaFile) MayVanish() bool {
	return (f.Status == compliance.MediaAvailable || f.Status == compliance.MediaMissing) && !f.Protected
}

// leftFiles returns the stored files that are no arrival and stay for what became of them.
func leftFiles(stored []*MediaFile, arrivals []arrival) []*MediaFile {
	return slices.DeleteFunc(slices.Clone(stored), func(f *MediaFile) bool {
		return f.MayVanish() || slices.ContainsFunc(arrivals, func(a arrival) bool { return a.before == f })
	})
}

// keepFiles puts files into the segments of a vCon: those that arrive, then those that are left. Segments that
// are gone from the vCon stay for the sake of such files alone. The segments are in order of time.
func keepFiles(
	vcon uuid.UUID, segments, gone []*Segment, arrivals []arrival, left []*MediaFile,
) []PartSegment {
	var kept []PartSegment
	for _, segment := range segments {
		one := PartSegment{Segment: segment}
		for _, a := range arrivals {
			if a.segment == segment {
				one.Files = append(one.Files, a.file)
			}
		}
		for _, file := range filesOf(left, segment) {
			moved := *file
			moved.Position = len(one.Files)
			one.Files = append(one.Files, &moved)
		}
		kept = append(kept, one)
	}
	for _, segment := range gone {
		if files := filesOf(left, segment); len(files) > 0 {
			row := *segment
			row.VconUUID = vcon
			kept = append(kept, PartSegment{&row, files})
		}
	}
	slices.SortStableFunc(kept, func(a, b PartSegment) int { return a.StartedAt.Compare(b.StartedAt) })
	return kept
}

// filesOf returns the files of a stored segment; there are none in one that is new.
func filesOf(files []*MediaFile, segment *Segment) []*MediaFile {
	return slices.DeleteFunc(slices.Clone(files), func(f *MediaFile) bool {
		return segment.ID == 0 || f.SegmentID != segment.ID
	})
}

// KnownMedia are recordings of a vCon whose bytes an import need not bring again: they are stored or
// deleted.
type KnownMedia struct {
	hashes  map[string]bool
	origins map[string]compliance.MediaStatus
	hash    Hash
}

// StoredMedia is a stored recording of a vCon, as far as KnownMedia looks at it.
type StoredMedia struct {
	VconUUID            uuid.UUID
	ContentHash, Origin string
	Status              compliance.MediaStatus
}

// KnowMedia sorts stored recordings by their vCons. Hash is the one that their origins were made with.
func KnowMedia(stored []StoredMedia, hash Hash) map[uuid.UUID]KnownMedia {
	known := map[uuid.UUID]KnownMedia{}
	for _, file := range stored {
		if known[file.VconUUID].hashes == nil {
			known[file.VconUUID] = KnownMedia{map[string]bool{}, map[string]compliance.MediaStatus{}, hash}
		}
		known[file.VconUUID].hashes[file.ContentHash] = file.ContentHash != ""
		if file.Origin != "" {
			known[file.VconUUID].origins[file.Origin] = file.Status
		}
	}
	return known
}

// Has reports whether a recording with one of these hashes of its content is known.
func (k KnownMedia) Has(contentHashes []string) bool {
	for _, hash := range contentHashes {
		if k.hashes[hash] {
			return true
		}
	}
	return false
}

// From reports whether the recording at this url is known. One that may still be played is not where a vCon
// says that its content is another now.
func (k KnownMedia) From(url string, contentHashes []string) bool {
	if k.hash == nil {
		return false
	}
	status := k.origins[k.hash.Origin(url)]
	return status != "" && (status != compliance.MediaAvailable || len(contentHashes) == 0)
}

// Uploads compares where the files of a batch lie in the file store before and after it: adopted are the keys
// that came, dropped those that nothing refers to any more; both are sorted.
func Uploads(imports []Import) (adopted, dropped []string) {
	before, after := map[string]bool{"": true}, map[string]bool{"": true}
	for _, one := range imports {
		for _, part := range one.Parts {
			for _, file := range part.Before.Files() {
				before[file.StoreKey] = true
			}
			for _, file := range part.After.Files() {
				after[file.StoreKey] = true
			}
		}
	}
	return without(after, before), without(before, after)
}

func without(set, other map[string]bool) []string {
	var keys []string
	for key := range set {
		if !other[key] {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, cmp.Compare)
	return keys
}
