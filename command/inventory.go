package command

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"qm-compliance/compliance"
	"qm-compliance/db"
)

type inventoryCommand struct {
	JSON bool `name:"json" help:"Print JSON instead of text."`
}

// Run prints where personal data lies: the record that a data-protection officer asks for. It needs no
// database, since a test compares the program's list with the structure of one.
func (c inventoryCommand) Run(env environment) error {
	all := newInventory()
	if c.JSON {
		encoder := json.NewEncoder(env.Out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(all)
	}
	return all.print(env.Out)
}

// inventory is everything that the command prints, as it is in JSON.
type inventory struct {
	Columns     []inventoryGroup `json:"columns"`
	Elsewhere   []inventoryPlace `json:"elsewhere"`
	NotPersonal []excusedColumn  `json:"notPersonal"`
}

// inventoryGroup is the columns that one switch covers. Switch is null for those that none covers.
type inventoryGroup struct {
	Switch  *db.Switch        `json:"switch"`
	Title   string            `json:"title"`
	Columns []inventoryColumn `json:"columns"`
}

type inventoryColumn struct {
	Table  string `json:"table"`
	Column string `json:"column"`
	// Holds names the values that the switch covers; a column that several cover is in several groups.
	Holds       string                 `json:"holds"`
	Removal     db.Removal             `json:"removal"`
	Placeholder compliance.Placeholder `json:"placeholder,omitempty"`
	Removed     string                 `json:"removed,omitempty"`
	Remains     string                 `json:"remains"`
}

// inventoryPlace is a place outside the columns.
type inventoryPlace struct {
	Place   string `json:"place"`
	Holds   string `json:"holds"`
	Removed string `json:"removed"`
	Remains string `json:"remains"`
}

type excusedColumn struct {
	Table  string `json:"table"`
	Column string `json:"column"`
	Reason string `json:"reason"`
}

func newInventory() inventory {
	all := inventory{Elsewhere: places()}
	for _, covering := range db.Switches() {
		group := inventoryGroup{Switch: &covering, Title: switchTitle(covering)}
		for _, column := range db.PersonalColumns() {
			for _, by := range column.CoveredBy {
				if by.Switch == covering {
					group.Columns = append(group.Columns, newInventoryColumn(column, cmp.Or(by.Values, column.Holds)))
				}
			}
		}
		all.Columns = append(all.Columns, group)
	}
	none := inventoryGroup{Title: "No switch"}
	for _, column := range db.PersonalColumns() {
		if len(column.CoveredBy) == 0 {
			none.Columns = append(none.Columns, newInventoryColumn(column, column.Holds))
		}
	}
	all.Columns = append(all.Columns, none)
	for _, column := range db.ExcusedColumns() {
		all.NotPersonal = append(all.NotPersonal, excusedColumn(column))
	}
	return all
}

func newInventoryColumn(c db.PersonalColumn, holds string) inventoryColumn {
	return inventoryColumn{c.Table, c.Column, holds, c.Removal, c.Placeholder(), c.Removed, c.Remains}
}

func switchTitle(s db.Switch) string {
	switch s {
	case db.PhoneNumberSwitch:
		return "Participant phone number"
	case db.DigitalAddressSwitch:
		return "Participant e-mail or IP address"
	case db.ContentSwitch:
		return "Subject and body"
	case db.MediaSwitch:
		return "Media files"
	case db.KeySwitch:
		return "Each metadata key (Custom Data, Other Data)"
	}
	return string(s)
}

// places lists where personal data lies outside the columns, and for how long.
func places() []inventoryPlace {
	return []inventoryPlace{
		{
			"Media store: a folder of the data directory, or what MEDIA_URL names",
			"Call and screen recordings, under random names. Switch: media files.",
			"delete-media deletes a file that is planned for deletion, older versions in a bucket included, checks" +
				" that it is gone, and only then writes DELETED.",
			"Protected recordings, until their protection ends; then they are planned for deletion.",
		},
		{
			"PostgreSQL: dead rows, indexes, statistics, write-ahead log",
			"Values as they were before they were overwritten.",
			"purge rewrites the tables and lets the log go. The embedded server deletes old parts of its log instead" +
				" of using their files again.",
			"With the embedded server nothing. With another one what its archive, replicas and backups hold; purge" +
				" names them.",
		},
		{
			"PostgreSQL: the server's log",
			"With the embedded server no statements and no values. With another one what it is set up to log.",
			"Not by this program; serve warns of settings that log statements or values.",
			"What was logged before.",
		},
		{
			"The program's own log",
			"Ids, counts, and reasons of failures; no values of conversations.",
			"By the operator who keeps the log.",
			"All.",
		},
		{
			"Interaction service (INTERACTION_SERVICE_URL)",
			"Requests to delete recordings, out of the outbox: uuids of vCons, addresses and hashes of recordings.",
			"The outbox empties its copy when the service has taken it.",
			"What the service keeps, by its own rules.",
		},
		{
			"Exports: the command export, exportConversation, the console's CSV",
			"Conversations and recordings as they were at the time of the export, or the audit log.",
			"Not by this program: the person who exported must delete the file.",
			"All, also of conversations that were anonymized since.",
		},
		{
			"Imported files, and what sent them",
			"vCons and recordings as they came.",
			"Not by this program, which reads them and leaves them where they are.",
			"All. Importing them again brings back nothing that was anonymized.",
		},
		{
			"The web console in a browser",
			"What a page shows, in memory; the sign-in in the tab's session storage.",
			"With the tab. Answers of the API and recordings are not to be cached.",
			"Nothing.",
		},
		{
			"All tables of conversations",
			"Times, durations, the directions of calls, roles, numbers of attachments, uuids of vCons.",
			"No: reviews and statistics need them.",
			"All.",
		},
	}
}

// print writes the inventory as tables of text.
func (all inventory) print(w io.Writer) error {
	p := &tablePrinter{w: w}
	p.line("Where personal data lies, under which switch of the compliance settings, how it is removed, what remains.")
	wide, narrow := []int{25, 25, 25, 25}, []int{36, 66}
	for _, group := range all.Columns {
		p.heading(group.Title)
		p.row(wide, "WHERE", "WHAT", "REMOVED", "REMAINS")
		for _, c := range group.Columns {
			p.row(wide, c.Table+"\n  ."+c.Column, c.Holds, c.how(), c.Remains)
		}
	}
	p.heading("Outside the columns of the database")
	p.row(wide, "WHERE", "WHAT", "REMOVED", "REMAINS")
	for _, place := range all.Elsewhere {
		p.row(wide, place.Place, place.Holds, place.Removed, place.Remains)
	}
	p.heading("Columns that could hold text, but hold no personal data")
	for _, c := range all.NotPersonal {
		p.cells(narrow, c.Table+"."+c.Column, c.Reason)
	}
	return p.err
}

func (c inventoryColumn) how() string {
	switch {
	case c.Removed == "":
		return "no"
	case c.Placeholder != "":
		return c.Removed + ", with " + string(c.Placeholder)
	}
	return c.Removed
}

// tablePrinter writes rows of wrapped cells. It keeps the first error.
type tablePrinter struct {
	w   io.Writer
	err error
}

func (p *tablePrinter) line(text string) {
	if _, err := fmt.Fprintln(p.w, strings.TrimRight(text, " ")); p.err == nil {
		p.err = err
	}
}

func (p *tablePrinter) heading(title string) {
	p.line("")
	p.line(title)
	p.line(strings.Repeat("-", utf8.RuneCountInString(title)))
}

// row writes cells beside each other, and an empty line below.
func (p *tablePrinter) row(widths []int, cells ...string) {
	p.cells(widths, cells...)
	p.line("")
}

func (p *tablePrinter) cells(widths []int, cells ...string) {
	const gap = 2
	var wrapped [][]string
	height := 0
	for i, cell := range cells {
		wrapped = append(wrapped, wrap(cell, widths[i]))
		height = max(height, len(wrapped[i]))
	}
	for n := range height {
		var line strings.Builder
		for i, lines := range wrapped {
			text := ""
			if n < len(lines) {
				text = lines[n]
			}
			fmt.Fprintf(&line, "%-*s", widths[i]+gap, text)
		}
		p.line(line.String())
	}
}

// wrap breaks a text into lines of at most width characters, at spaces; a longer word has a line of its own.
// Lines of the text stay apart, with the space they begin with.
func wrap(text string, width int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		line := paragraph[:len(paragraph)-len(strings.TrimLeft(paragraph, " "))]
		empty := true
		for word := range strings.FieldsSeq(paragraph) {
			switch {
			case empty:
				line += word
			case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
				line += " " + word
			default:
				lines, line = append(lines, line), word
			}
			empty = false
		}
		lines = append(lines, line)
	}
	return lines
}
