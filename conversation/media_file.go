package conversation

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"qm-compliance/compliance"
)

// MediaFile is one recording of a call segment. Its life is what the methods below make of it: each returns a
// MediaChange and leaves the file as it is.
type MediaFile struct {
	ID             int64 `bun:",pk,autoincrement"`
	ConversationID int64
	SegmentID      int64
	// SegmentPosition is the position of the segment.
	SegmentPosition int
	Position        int // within the segment
	Kind            compliance.MediaKind
	Status          compliance.MediaStatus // never NONE
	MediaType       string
	StartedAt       *time.Time // nil where it is not known
	DurationMs      int64
	SourceURL       string // empty once it is deleted
	Origin          string // a keyed hash of the source's url, which stays; of the name of a missing file
	ContentHash     string
	StoreKey        string // where the file store has it; empty for a mere reference, and once it is deleted
	SizeBytes       int64
	PlannedAt       *time.Time
	DeletingAt      *time.Time // since when the Delete tool is at it: from then on it may be gone
	Failure         string     // why the Delete tool could not delete it last
	Protected       bool
	ProtectedUntil  *time.Time // nil with Protected: without an end
	// ProtectionReason is why the file is protected, empty where it is not.
	ProtectionReason compliance.ProtectionReason
	// ProtectionNote is what a person added to the reason, empty for nothing. It is free text, which may hold
	// personal data: it goes with the protection, and when the conversation is anonymized.
	ProtectionNote string
}

// FileState is where a media file stands in its life.
type FileState string

// The states. What is not missing, deleted, planned or being deleted has the status AVAILABLE.
const (
	FileAvailable FileState = "available"
	// FilePlanned: it is planned for deletion, and can be played.
	FilePlanned FileState = "planned"
	// FileBeingDeleted: the Delete tool is at it, or was when something stopped it. It may be gone.
	FileBeingDeleted FileState = "being deleted"
	// FileProtected: it must be kept.
	FileProtected FileState = "protected"
	// FileProtectionEnded: the date of its protection has come, and nobody has acted upon that yet. Until
	// somebody does the protection holds.
	FileProtectionEnded FileState = "protection ended"
	// FileOwed: the same, of a conversation whose anonymization asked for the deletion of its files: it is
	// planned as soon as the protection is ended.
	FileOwed    FileState = "owed"
	FileDeleted FileState = "deleted"
	// FileMissing: it was never here. An import may bring it.
	FileMissing FileState = "missing"
)

// FileStates returns every state.
func FileStates() []FileState {
	return []FileState{
		FileAvailable, FilePlanned, FileBeingDeleted, FileProtected, FileProtectionEnded, FileOwed, FileDeleted,
		FileMissing,
	}
}

// State tells where the file stands at a time. Done is everything that its conversation was anonymized with,
// nil where it never was.
func (f *MediaFile) State(done *compliance.Selection, now time.Time) FileState {
	switch {
	case f.Status == compliance.MediaDeleted:
		return FileDeleted
	case f.Status == compliance.MediaMissing:
		return FileMissing
	case f.Status == compliance.MediaPlanned && f.DeletingAt != nil:
		return FileBeingDeleted
	case f.Status == compliance.MediaPlanned:
		return FilePlanned
	case f.Protected && !f.ProtectionEnded(now):
		return FileProtected
	case f.Owed(done, now):
		return FileOwed
	case f.Protected:
		return FileProtectionEnded
	}
	return FileAvailable
}

// ProtectionEnded reports whether the date of the protection has come, and nobody has acted upon that yet. Only
// Expire and Owed look at the date. For everything else a protection holds as long as Protected says so, so that
// nothing that is shown, filtered or previewed changes before what follows from it is stored.
func (f *MediaFile) ProtectionEnded(now time.Time) bool {
	return f.Protected && f.ProtectedUntil != nil && !f.ProtectedUntil.After(now)
}

// Owed reports whether the file has to be planned for deletion because its conversation was anonymized with
// done: see compliance.Owed.
func (f *MediaFile) Owed(done *compliance.Selection, now time.Time) bool {
	return compliance.Owed(done, f.Status, f.Protected && !f.ProtectionEnded(now))
}

// MediaChange is what an operation makes of a file.
type MediaChange struct {
	// Before is the file as it was. After is what it is now: the same where nothing is changed or the
	// operation is refused.
	Before, After *MediaFile
	Changed       bool
	// Refused is why the file is left as it is; nil where the operation can be done, or is done already.
	Refused *compliance.Error
	// Expired tells a protection that ended by its date from one that somebody ended.
	Expired bool
	// Anonymized says that anonymizing the conversation changed the file.
	Anonymized bool
}

// Planned reports whether the file became planned for deletion, so that the Interaction service has to be
// asked to delete it.
func (c MediaChange) Planned() bool {
	return c.Before.Status != compliance.MediaPlanned && c.After.Status == compliance.MediaPlanned
}

// Kept reports whether the file was taken out of the plan, so that the Interaction service has to be asked to
// keep it.
func (c MediaChange) Kept() bool {
	return c.Before.Status == compliance.MediaPlanned && c.After.Status == compliance.MediaAvailable
}

// Protected reports whether somebody protected the file, or changed the reason, the note or the end of its
// protection.
func (c MediaChange) Protected() bool { return c.Changed && c.After.Protected && !c.Anonymized }

// Released reports whether the protection of the file ended.
func (c MediaChange) Released() bool { return c.Before.Protected && !c.After.Protected }

// Deleted reports whether the file became deleted.
func (c MediaChange) Deleted() bool {
	return c.Before.Status != compliance.MediaDeleted && c.After.Status == compliance.MediaDeleted
}

func (f *MediaFile) unchanged() MediaChange { return MediaChange{Before: f, After: f} }

func (f *MediaFile) refused(err *compliance.Error) MediaChange {
	return MediaChange{Before: f, After: f, Refused: err}
}

func (f *MediaFile) changed(after MediaFile) MediaChange {
	return MediaChange{Before: f, After: &after, Changed: true}
}

// Anonymize plans the file for deletion where the selection says so and no protection holds. The note of a
// protection is erased whatever the selection has on: it is free text, and may repeat what is overwritten.
func (f *MediaFile) Anonymize(selection compliance.Selection, now time.Time) MediaChange {
	after := *f
	switch {
	case f.Disposition(selection) == compliance.DispositionPlanned:
		after = f.planned(now)
	case f.ProtectionNote != "":
		after.ProtectionNote = ""
	default:
		return f.unchanged()
	}
	change := f.changed(after)
	change.Anonymized = true
	return change
}

// Disposition is what anonymizing with a selection makes of the file.
func (f *MediaFile) Disposition(selection compliance.Selection) compliance.MediaDisposition {
	return selection.DispositionOf(f.Status, f.Protected)
}

// Protect protects the file, or replaces the reason, the note and the end of its protection. A planned file is
// taken out of the plan. A file that is deleted or missing is refused as INVALID, one that may be gone as
// CONFLICT.
func (f *MediaFile) Protect(protection Protection) MediaChange {
	switch {
	case f.Status == compliance.MediaDeleted:
		return f.refused(compliance.Invalid("this file has been deleted and can no longer be protected"))
	case f.Status == compliance.MediaMissing:
		const message = "the recording of this file is missing; import it before you protect it"
		return f.refused(compliance.Invalid(message))
	case f.DeletingAt != nil:
		const message = "this file is being deleted and can no longer be protected"
		return f.refused(compliance.Conflict(message))
	case f.Protected && f.ProtectionReason == protection.Reason && f.ProtectionNote == protection.Note &&
		sameTime(f.ProtectedUntil, protection.Until):
		return f.unchanged()
	}
	after := *f
	after.Status, after.PlannedAt, after.Failure = compliance.MediaAvailable, nil, ""
	after.Protected, after.ProtectedUntil = true, protection.Until
	after.ProtectionReason, after.ProtectionNote = protection.Reason, protection.Note
	return f.changed(after)
}

// Release ends the protection of the file, and plans the file where that is owed. A file that is deleted or
// not protected is refused as INVALID.
func (f *MediaFile) Release(done *compliance.Selection, now time.Time) MediaChange {
	switch {
	case f.Status == compliance.MediaDeleted:
		return f.refused(compliance.Invalid("this file has been deleted and has no protection to release"))
	case !f.Protected:
		return f.refused(compliance.Invalid("this file is not protected"))
	}
	return f.released(done, now)
}

func (f *MediaFile) released(done *compliance.Selection, now time.Time) MediaChange {
	after := f.unprotected()
	if after.Owed(done, now) {
		after = after.planned(now)
	}
	return f.changed(after)
}

// Expire ends the protection of the file where its date has come, and plans the file where that is owed.
func (f *MediaFile) Expire(done *compliance.Selection, now time.Time) MediaChange {
	if !f.ProtectionEnded(now) {
		return f.unchanged()
	}
	change := f.released(done, now)
	change.Expired = true
	return change
}

// BeginDeletion notes that the Delete tool is about to delete the file: from now on nobody plays or protects
// what may be gone. A file that is not planned is refused as CONFLICT, as it is by FailDeletion and Delete:
// somebody protected or deleted it meanwhile.
func (f *MediaFile) BeginDeletion(now time.Time) MediaChange {
	switch {
	case !f.deletable():
		return f.refused(errNotPlanned())
	case f.DeletingAt != nil:
		return f.unchanged()
	}
	after := *f
	after.DeletingAt = &now
	return f.changed(after)
}

// FailDeletion notes why the Delete tool could not delete the file. Intact says that the file is known to be
// whole, so that it can be played and protected again.
func (f *MediaFile) FailDeletion(reason string, intact bool) MediaChange {
	if !f.deletable() {
		return f.refused(errNotPlanned())
	}
	after := *f
	if after.Failure = reason; intact {
		after.DeletingAt = nil
	}
	return f.changed(after)
}

// Delete notes that the file is gone from its store.
func (f *MediaFile) Delete() MediaChange {
	if !f.deletable() {
		return f.refused(errNotPlanned())
	}
	return f.changed(f.deleted())
}

func errNotPlanned() *compliance.Error {
	return compliance.Conflict("this file is no longer planned for deletion")
}

func (f *MediaFile) deletable() bool { return f.Status == compliance.MediaPlanned && !f.Protected }

// planned, unprotected and deleted return the file in another state, whatever state it is in.
func (f *MediaFile) planned(now time.Time) MediaFile {
	after := f.unprotected()
	after.Status, after.PlannedAt = compliance.MediaPlanned, &now
	return after
}

func (f *MediaFile) unprotected() MediaFile {
	after := *f
	after.Protected, after.ProtectedUntil, after.ProtectionReason, after.ProtectionNote = false, nil, "", ""
	return after
}

func (f *MediaFile) deleted() MediaFile {
	after := f.unprotected()
	after.Status, after.StoreKey, after.SourceURL = compliance.MediaDeleted, "", ""
	after.DeletingAt, after.Failure = nil, ""
	return after
}

// MaxNote is how many characters the note of a protection may have.
const MaxNote = 500

// Protection is a request to keep files from being deleted (design, section 4, "MiFID protection").
type Protection struct {
	// Reason says why; it is required.
	Reason compliance.ProtectionReason
	// Note is what a person adds to the reason, in up to MaxNote characters; empty for nothing.
	Note string
	// Until is when the protection ends, later than now; nil for one without an end.
	Until *time.Time
}

// Checked returns the protection as it is stored: the note without spaces around it, the end in UTC and to
// the microsecond. What is wrong with it is a compliance.Errors with the code INVALID, whose fields are
// reason, note and until.
func (p Protection) Checked(now time.Time) (Protection, error) {
	var errs compliance.Errors
	if !slices.Contains(compliance.ProtectionReasons(), p.Reason) {
		errs.Invalid("choose one of the reasons for a protection", "reason")
	}
	p.Note = strings.TrimSpace(p.Note)
	errs.CheckText(p.Note, "note")
	if length := utf8.RuneCountInString(p.Note); length > MaxNote {
		errs.Invalid(fmt.Sprintf("the note has %d characters; at most %d are allowed", length, MaxNote), "note")
	}
	errs.CheckTime(p.Until, "until")
	if p.Until != nil {
		if !p.Until.After(now) {
			const message = "choose a future date, or leave it empty to protect without an end"
			errs.Invalid(message, "until")
		}
		until := p.Until.UTC().Truncate(time.Microsecond)
		p.Until = &until
	}
	return p, errs.OrNil()
}

func sameTime(a, b *time.Time) bool { return samePointer(a, b, time.Time.Equal) }

func samePointer[T any](a, b *T, equal func(a, b T) bool) bool {
	if a == nil || b == nil {
		return a == b
	}
	return equal(*a, *b)
}
