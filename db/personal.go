package db

import (
	"slices"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
)

// PersonalColumn is a column of the database that holds personal data: what it holds, which switches cover
// it, how it is removed, and what is left. A data-protection officer reads the texts.
type PersonalColumn struct {
	Table, Column string
	// Holds names the values.
	Holds string
	// CoveredBy lists the switches of the compliance settings that cover the values; none where no switch
	// does.
	CoveredBy []Coverage
	Removal   Removal
	// Removed says when the values are removed, and by what.
	Removed string
	// Remains says what is left afterwards, and why.
	Remains string

	overwriting overwriting // where Removal is Overwritten
	// kept is what the values count as where they stay after anonymizing; empty for what previews do not name.
	kept compliance.KeptKind
}

// Placeholder is what stands in place of the values once they are overwritten; empty where Removal is another
// one.
func (c PersonalColumn) Placeholder() compliance.Placeholder { return c.overwriting.placeholder }

// Coverage is a switch of the compliance settings that covers a column.
type Coverage struct {
	Switch Switch
	// Values names the values that the switch covers; empty where it covers all of the column.
	Values string
}

// Switch is a switch of the compliance settings: a compliance.BasicItem, or KeySwitch.
type Switch string

// The switches. KeySwitch stands for the switches of all metadata keys, each of which covers its own key.
const (
	PhoneNumberSwitch    = Switch(compliance.ParticipantPhoneNumber)
	DigitalAddressSwitch = Switch(compliance.ParticipantDigitalAddress)
	ContentSwitch        = Switch(compliance.SubjectAndBody)
	MediaSwitch          = Switch(compliance.MediaFiles)
	KeySwitch            = Switch("metadataKey")
)

// Switches lists the switches in the order of the settings.
func Switches() []Switch {
	var list []Switch
	for _, item := range compliance.BasicItems() {
		list = append(list, Switch(item))
	}
	return append(list, KeySwitch)
}

// on reports whether a selection has the switch on, or, for KeySwitch, that of any key.
func (s Switch) on(selection compliance.Selection) bool {
	if s == KeySwitch {
		return len(selection.Keys) > 0
	}
	return selection.Basic(compliance.BasicItem(s))
}

// Removal is how the values of a column are removed.
type Removal string

// The ways to remove a value.
const (
	// Overwritten: anonymizing writes a placeholder over it and sets the flag in the column beside it.
	Overwritten Removal = "OVERWRITTEN"
	// Cleared: the column is emptied when the value has served its purpose.
	Cleared Removal = "CLEARED"
	// RowDeleted: the row is deleted when it has served its purpose.
	RowDeleted Removal = "ROW_DELETED"
	// Replaced: it follows what it stands for. Anonymizing leaves what no switch covers; importing a new version of the
	// vCon replaces it.
	Replaced Removal = "REPLACED"
	// Kept: it stays.
	Kept Removal = "KEPT"
)

// ExcusedColumn is a column that could hold text, but holds no personal data, and why not.
type ExcusedColumn struct {
	Table, Column, Reason string
}

// overwriting is how anonymizing overwrites a column.
type overwriting struct {
	count       compliance.ValueKind
	placeholder compliance.Placeholder
	// narrow is a further condition on the rows (alias t) of the conversations $1, empty for none. Its argument, ?,
	// is what narrowBy returns; nil says that the condition holds for every row.
	narrow   string
	narrowBy func(compliance.Selection) []string
	// detail is the expression of a compliance.Value's Detail; empty where the kind of values has none.
	detail string
}

// storedTable is a table of the database: what its columns hold, and how its rows follow their conversation.
type storedTable struct {
	name string
	// ofConversation says that the rows belong to a conversation, by conversation_id.
	ofConversation bool
	// replacedBy is the column by which an import finds the rows that it deletes and writes anew; empty for
	// rows with an id of their own, which it updates, and for those that no import writes.
	replacedBy bun.Ident
	// purged says that Purge rewrites the table although no column of it is ever removed.
	purged   bool
	personal []PersonalColumn
	excused  []ExcusedColumn
}

// PersonalColumns lists every column with personal data, in the order of the tables. Everything that has to
// go through all of them derives from this list: overwriting, joining, replacing, purging, and the inventory.
func PersonalColumns() []PersonalColumn {
	var list []PersonalColumn
	for _, table := range storedTables() {
		for _, column := range table.personal {
			column.Table = table.name
			list = append(list, column)
		}
	}
	return list
}

// ExcusedColumns lists every other column that could hold text, with the reason why it holds no personal
// data.
func ExcusedColumns() []ExcusedColumn {
	var list []ExcusedColumn
	for _, table := range storedTables() {
		for _, column := range table.excused {
			column.Table = table.name
			list = append(list, column)
		}
	}
	return list
}

// targets lists the columns of the table that anonymizing overwrites under this selection.
func (t storedTable) targets(selection compliance.Selection) []target {
	var list []target
	for _, c := range t.personal {
		covered := slices.ContainsFunc(c.CoveredBy, func(by Coverage) bool { return by.Switch.on(selection) })
		if c.Removal != Overwritten || !covered {
			continue
		}
		o := c.overwriting
		one := target{count: o.count, column: c.Column, placeholder: o.placeholder, detail: o.detail}
		if o.narrow != "" {
			if one.narrowBy = o.narrowBy(selection); one.narrowBy != nil {
				one.narrow = o.narrow
			}
		}
		list = append(list, one)
	}
	return list
}

// tablesOfConversation lists the tables whose rows belong to a conversation. When conversations are joined,
// the rows of all of them move.
func tablesOfConversation() []bun.Ident {
	return tablesWith(func(t storedTable) bool { return t.ofConversation })
}

// tablesReplacedBy lists the tables whose rows an import deletes and writes anew, by the column through which
// it finds them: vcon_uuid or segment_id.
func tablesReplacedBy(column bun.Ident) []bun.Ident {
	return tablesWith(func(t storedTable) bool { return t.replacedBy == column })
}

// purgedTables lists the tables in which values have been removed: their dead rows may still hold them.
func purgedTables() []bun.Ident {
	return tablesWith(func(t storedTable) bool {
		return t.purged || slices.ContainsFunc(t.personal, func(c PersonalColumn) bool { return c.Removal != Kept })
	})
}

func tablesWith(wanted func(storedTable) bool) []bun.Ident {
	var list []bun.Ident
	for _, table := range storedTables() {
		if wanted(table) {
			list = append(list, bun.Ident(table.name))
		}
	}
	return list
}
