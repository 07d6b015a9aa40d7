package db

import (
	"errors"
	"slices"
	"time"

	"qm-compliance/compliance"
)

// ErrMediaMoved says that a recording is not where the intake found it: the stored file that it was taken for is gone, or its upload was removed
// because the import took too long. Taken in again, with its bytes, it is stored.
var ErrMediaMoved = errors.New("a recording was moved while it was imported")

// mergeMedia gives each wanted file the state of the stored one that it is. A file that was planned, deleted or protected stays as it is, though the new file
// has it no longer; one that is new to a conversation whose media was anonymized is planned at once. Left are segments that stay only for the sake of
// such files.
func mergeMedia(stored, wanted *Conversation, left []*Segment, now time.Time) error {
	matched := matchMedia(stored, wanted)
	for _, segment := range wanted.Segments {
		for _, file := range segment.Wanted {
			file.ConversationID, file.SegmentID = wanted.ID, segment.ID
			if err := settleFile(file, matched[file], stored, wanted, now); err != nil {
				return err
			}
		}
	}
	kept := slices.DeleteFunc(slices.Clone(stored.Media), func(f *MediaFile) bool { return mayVanish(f) || isMatched(matched, f) })
	for _, segment := range wanted.Segments {
		for _, file := range filesOf(kept, segment.ID) {
			file.Position = len(segment.Wanted)
			segment.Wanted = append(segment.Wanted, file)
		}
		wanted.Media = append(wanted.Media, segment.Wanted...)
	}
	for _, segment := range left {
		if files := filesOf(kept, segment.ID); len(files) > 0 {
			wanted.Segments, wanted.Media = append(wanted.Segments, segment), append(wanted.Media, files...)
		}
	}
	return nil
}

func settleFile(file, before *MediaFile, stored, c *Conversation, now time.Time) error {
	switch {
	case before != nil:
		keepState(file, before)
	case isCopyOfDeleted(file, stored):
		file.Status, file.StoreKey, file.SizeBytes, file.SourceURL = compliance.MediaDeleted, "", 0, ""
	case file.Known && file.Status != compliance.MediaDeleted:
		return ErrMediaMoved
	case c.AnonymizedAt != nil && c.DoneMedia && file.Status == compliance.MediaAvailable && !file.ProtectedAt(now):
		file.unprotect()
		file.Status, file.PlannedAt = compliance.MediaPlanned, &now
	}
	file.Known, file.Hashes = false, nil
	return nil
}

// isCopyOfDeleted reports whether a file is one more copy of a recording that was deleted: that stays away, however often a vCon has it. The same url does not
// tell a copy: without its query it may be that of many recordings.
func isCopyOfDeleted(file *MediaFile, stored *Conversation) bool {
	return slices.ContainsFunc(stored.Media, func(before *MediaFile) bool {
		return before.Status == compliance.MediaDeleted && sameContent(file, before)
	})
}

// mayVanish reports whether a file goes when the new vCon has it no longer.
func mayVanish(f *MediaFile) bool { return f.Status == compliance.MediaAvailable && !f.Protected }

func isMatched(matched map[*MediaFile]*MediaFile, stored *MediaFile) bool {
	for _, other := range matched {
		if other == stored {
			return true
		}
	}
	return false
}

// matchMedia finds the stored file of each wanted one: by its content, else by where it came from, in its own segment before any other, so that what
// was deleted is known again wherever it turns up; else by its place in the segment.
func matchMedia(stored, wanted *Conversation) map[*MediaFile]*MediaFile {
	matched := map[*MediaFile]*MediaFile{}
	for _, same := range []func(file, before *MediaFile, segment *Segment) bool{
		func(file, before *MediaFile, segment *Segment) bool {
			return before.SegmentID == segment.ID && sameContent(file, before)
		},
		func(file, before *MediaFile, segment *Segment) bool {
			return before.SegmentID == segment.ID && sameOrigin(file, before)
		},
		func(file, before *MediaFile, _ *Segment) bool { return sameContent(file, before) },
		func(file, before *MediaFile, _ *Segment) bool { return sameOrigin(file, before) },
		func(file, before *MediaFile, segment *Segment) bool {
			return before.SegmentID == segment.ID && samePlace(file, before)
		},
	} {
		for _, segment := range wanted.Segments {
			for _, file := range segment.Wanted {
				if matched[file] != nil {
					continue
				}
				for _, before := range stored.Media {
					if !isMatched(matched, before) && same(file, before, segment) {
						matched[file] = before
						break
					}
				}
			}
		}
	}
	return matched
}

// sameContent compares all the hashes that are known of a new file, since a vCon may give another one of the same recording each time.
func sameContent(file, before *MediaFile) bool {
	return before.ContentHash != "" && slices.Contains(file.Hashes, before.ContentHash)
}

func sameOrigin(file, before *MediaFile) bool {
	return file.Origin != "" && file.Origin == before.Origin
}

// samePlace takes a file for another in its place only where nothing says that it is not.
func samePlace(file, before *MediaFile) bool {
	return file.Position == before.Position && (file.ContentHash == "" || before.ContentHash == "") && (file.Origin == "" || before.Origin == "")
}

// keepState keeps what became of a file. The bytes that are stored stay, unless the new vCon brings others; what is planned or deleted stays altogether.
func keepState(file, before *MediaFile) {
	file.ID, file.Status, file.PlannedAt, file.DeletingAt, file.Failure = before.ID, before.Status, before.PlannedAt, before.DeletingAt, before.Failure
	file.Protected, file.ProtectedUntil, file.ProtectedReason = before.Protected, before.ProtectedUntil, before.ProtectedReason
	brings := file.StoreKey != "" && !sameContent(file, before)
	if before.Status != compliance.MediaAvailable || (before.StoreKey != "" && !brings) {
		file.StoreKey, file.SizeBytes, file.ContentHash = before.StoreKey, before.SizeBytes, before.ContentHash
	}
	if file.MediaType == "" && file.StoreKey != "" && file.StoreKey == before.StoreKey { // its host said it when it was fetched
		file.Kind, file.MediaType = before.Kind, before.MediaType
	}
	if samePointer(file.StartedAt, before.StartedAt, time.Time.Equal) {
		file.StartedAt = before.StartedAt // the same instant may be written another way
	}
	if before.Status != compliance.MediaAvailable {
		file.SourceURL, file.Origin, file.Kind, file.MediaType = before.SourceURL, before.Origin, before.Kind, before.MediaType
		file.StartedAt, file.DurationMs = before.StartedAt, before.DurationMs
	}
}

func filesOf(files []*MediaFile, segmentID int64) []*MediaFile {
	if segmentID == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(files), func(f *MediaFile) bool { return f.SegmentID != segmentID })
}
