package importing

import (
	"fmt"

	"qm-compliance/compliance"
	"qm-compliance/db"
)

// refusable refuses one document that the database will not have, and reports whether it was that.
func (im *importer) refusable(item Item, err error) bool {
	if user := compliance.UserErrors(err); user != nil {
		im.refuse(item, user)
		return true
	}
	if db.IsRefusal(err) {
		im.refuse(item, fmt.Errorf("the database refuses it (%s)", db.RefusalCode(err)))
		return true
	}
	return false
}

func (im *importer) refuse(item Item, err error) {
	im.totals.Refused++
	if im.observer.Refused != nil {
		im.observer.Refused(Refusal{Source: item.source(), Reason: err.Error()})
	}
}
