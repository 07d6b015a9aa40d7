package intake

import (
	"fmt"

	"qm-compliance/compliance"
	"qm-compliance/db"
	"qm-compliance/vcon"
)

// refusable refuses one document that the database will not have, and reports whether it was that.
func (in *Intake) refusable(item vcon.Item, err error) bool {
	if user := compliance.UserErrors(err); user != nil {
		in.refuse(item, user)
		return true
	}
	if db.IsRefusal(err) {
		in.refuse(item, fmt.Errorf("the database refuses it (%s)", db.RefusalCode(err)))
		return true
	}
	return false
}

func (in *Intake) refuse(item vcon.Item, err error) {
	in.totals.Refused++
	if in.observer.Refused != nil {
		in.observer.Refused(Refusal{Source: source(item), Reason: err.Error()})
	}
}

func source(item vcon.Item) string {
	if item.Line > 0 {
		return fmt.Sprintf("%s:%d", item.File, item.Line)
	}
	return item.File
}
