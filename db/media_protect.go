package db

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"qm-compliance/compliance"
)

// maxReason is how many characters the reason of a protection may have.
const maxReason = 500

// Protection is a request to keep files from being deleted (design, section 4, "MiFID protection").
type Protection struct {
	// Reason says why, in up to 500 characters; it is required.
	Reason string
	// Until is when the protection ends, later than now; nil for one without an end.
	Until *time.Time
}

// check returns everything that is wrong with a protection.
func (p Protection) check(now time.Time) compliance.Errors {
	var errs problems
	p.Reason = strings.TrimSpace(p.Reason)
	errs.checkText(p.Reason, "reason")
	switch length := utf8.RuneCountInString(p.Reason); {
	case length == 0:
		errs.add("reason is empty; say why these files must be kept", "reason")
	case length > maxReason:
		errs.add(fmt.Sprintf("reason has %d characters; at most %d are kept", length, maxReason), "reason")
	}
	errs.checkTime(p.Until, "until")
	if p.Until != nil && !p.Until.After(now) {
		errs.add("until is not in the future; give a later time, or leave it out for a protection without an end", "until")
	}
	return compliance.Errors(errs)
}

// ProtectMedia protects files from deletion, or changes until when and why they are. One that was planned for deletion is taken out of the plan, and the
// Interaction service is told to keep it. What is wrong with the protection is a compliance.Errors, and nothing is done; what is wrong with single files is told in
// the result, and the others are protected: files that are deleted, or being deleted just now, cannot be. All happens in one transaction,
// audited, what was refused of it too.
func (s *Store) ProtectMedia(ctx context.Context, actor Actor, access Access, fileIDs []int64, protection Protection) (ChangedMedia, error) {
	if errs := protection.check(s.now()); len(errs) > 0 {
		return ChangedMedia{}, errs
	}
	protection.Reason = strings.TrimSpace(protection.Reason)
	if protection.Until != nil {
		until := protection.Until.UTC().Truncate(time.Microsecond)
		protection.Until = &until
	}
	return s.changeMedia(ctx, actor, access, fileIDs, func(ctx context.Context, w *mediaChange) error {
		if err := w.protect(ctx, protection); err != nil {
			return err
		}
		return w.auditRefused(ctx, MediaProtected)
	})
}

func (w *mediaChange) protect(ctx context.Context, protection Protection) error {
	kept, protected := map[int64][]int64{}, map[int64][]int64{}
	for _, file := range w.files {
		switch {
		case file.Status == compliance.MediaDeleted:
			w.refuse(file.ID, compliance.CodeInvalid, "this file is deleted; there is nothing left to protect")
			continue
		case file.DeletingAt != nil:
			w.refuse(file.ID, compliance.CodeConflict, "this file is being deleted just now; there may be nothing left to protect")
			continue
		case file.Protected && file.ProtectedReason == protection.Reason && samePointer(file.ProtectedUntil, protection.Until, time.Time.Equal):
			continue
		}
		if file.Status == compliance.MediaPlanned {
			kept[file.ConversationID] = append(kept[file.ConversationID], file.ID)
		}
		file.Status, file.PlannedAt, file.Failure = compliance.MediaAvailable, nil, ""
		file.Protected, file.ProtectedUntil, file.ProtectedReason = true, protection.Until, protection.Reason
		w.change(file)
		protected[file.ConversationID] = append(protected[file.ConversationID], file.ID)
	}
	if err := w.requestKeeping(ctx, kept); err != nil {
		return err
	}
	return w.audit(ctx, MediaProtected, protected, AuditDetails{Reason: protection.Reason, Until: protection.Until})
}

// requestKeeping takes back the requests to delete files.
func (w *mediaChange) requestKeeping(ctx context.Context, kept map[int64][]int64) error {
	for id, files := range kept {
		if err := w.store.request(ctx, w.tx, w.actor, RequestKeep, settingsOf(w.byID[id]), map[int64][]int64{id: files}); err != nil {
			return err
		}
	}
	return nil
}

// unprotect ends the protection of a file.
func (f *MediaFile) unprotect() { f.Protected, f.ProtectedUntil, f.ProtectedReason = false, nil, "" }
