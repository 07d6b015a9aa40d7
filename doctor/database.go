package doctor

import (
	"fmt"
	"time"

	"qm-compliance/db"
)

// database judges whether the database can be used at all.
func database(f Facts) (found string, all []Problem) {
	var p problems
	d := f.Database
	switch {
	case d.Err != nil:
		p.fault("start PostgreSQL, or correct DATABASE_URL (--database-url), its password and the firewall", "%s", d.Err)
		return "", p
	case d.Version/10000 < db.MinimumVersion:
		p.fault(fmt.Sprintf("upgrade it to PostgreSQL %d or later", db.MinimumVersion),
			"PostgreSQL %s is too old", d.VersionText)
	case d.ReadOnly:
		p.fault("name the primary in DATABASE_URL (or both servers, separated by a comma), or promote this one",
			"the server takes no changes: it is a standby, or set to read-only")
	}
	return fmt.Sprintf("PostgreSQL %s, %s", d.VersionText, size(d.Bytes)), p
}

// encryption judges the way to the database.
func encryption(f Facts) (found string, all []Problem) {
	var p problems
	switch d := f.Database; {
	case !d.Network:
		return "on this machine", nil
	case !d.Encrypted:
		p.warn("switch ssl on at the server, and add sslmode=verify-full to DATABASE_URL",
			"conversations travel unencrypted between the servers and PostgreSQL")
	case !d.Verified:
		p.warn("add sslmode=verify-full (and sslrootcert=FILE) to DATABASE_URL",
			"the connection is encrypted, but any server could pretend to be PostgreSQL: its certificate is not checked")
	}
	return "TLS, with the certificate checked", p
}

func structure(f Facts) (found string, all []Problem) {
	var p problems
	switch d := f.Database; {
	case d.Foreign != nil:
		p.fault("run the version that fits the database, or use a new database", "%s", d.Foreign)
	case len(d.Pending) > 0:
		p.fault("run qm-compliance migrate as the owner of the tables", "the database lacks %s: %s",
			counted(len(d.Pending), "migration"), short(d.Pending))
	}
	return "current", p
}

// text judges how the database stores and compares texts.
func text(f Facts) (found string, all []Problem) {
	var p problems
	d := f.Database
	if d.Encoding != "UTF8" {
		p.fault("make a new database with ENCODING 'UTF8', and move the data",
			"the database has the encoding %s, which cannot hold every name and message", d.Encoding)
	}
	if d.CollationMoved {
		p.fault("run REINDEX DATABASE, then ALTER DATABASE ... REFRESH COLLATION VERSION",
			"the operating system's collation has changed since the indexes were made: filters may miss rows")
	}
	if len(d.Pending) == 0 && d.Foreign == nil && d.Folding == "" {
		p.warn("use a PostgreSQL with ICU, or version 17", "filters ignore the case of ASCII letters only")
	}
	return d.Encoding + ", case by " + d.Folding, p
}

// rights judges whether the account of the servers may do what it has to, and no more.
func rights(f Facts) (found string, all []Problem) {
	var p problems
	r := f.Database.Rights
	fix := "run qm-compliance migrate --grant " + r.Role + " as the owner of the tables"
	if len(r.Lacks) > 0 {
		p.fault(fix, "the role %s lacks %s: %s", r.Role, counted(len(r.Lacks), "right"), short(r.Lacks))
	}
	if f.Database.Embedded {
		return "the embedded server has one role", p
	}
	if err := r.Bounded(); err != nil {
		p.warn("serve as a role of its own, for which qm-compliance migrate --grant ROLE was run; docs/installing.md says how",
			"%s", err)
	}
	return "the role " + r.Role + " has the rights that it needs, and cannot change the audit log", p
}

func auditLog(f Facts) (found string, all []Problem) {
	var p problems
	if bare := f.Database.BareTriggers; len(bare) > 0 {
		p.fault("find out who did so; then ALTER TABLE ... ENABLE TRIGGER ALL, as the owner",
			"the audit log can be changed: the triggers that refuse it are switched off on %s", short(bare))
	}
	return "the database refuses changes", p
}

// serverLog judges whether values can get into the log of the server.
func serverLog(f Facts) (found string, all []Problem) {
	var p problems
	for _, leak := range f.Database.Leaks {
		p.warn(fmt.Sprintf("set %s = %s for the account or the server, and remove old logs", leak.Name, leak.Better),
			"PostgreSQL may keep values of conversations in its log or statistics: %s = %s", leak.Name, leak.Value)
	}
	if f.Database.Settings["track_activities"] == "on" {
		p.warn("set track_activities = off; monitoring then sees no statements",
			"PostgreSQL shows running statements with their values to its monitoring accounts, and logs them when a process crashes")
	}
	return "no statements, no values", p
}

// safety judges whether what was acknowledged can get lost.
func safety(f Facts) (found string, all []Problem) {
	var p problems
	for _, row := range []struct {
		name, better, what string
		status             Status
	}{
		{"fsync", "on", "a crash of the machine can destroy the database", Fault},
		{"full_page_writes", "on", "a crash of the machine can destroy pages of the database", Fault},
		{"synchronous_commit", "on", "a crash can undo what was acknowledged: values that were removed come back", Fault},
		{"zero_damaged_pages", "off", "damaged pages are replaced by empty ones, without a word", Fault},
		{"ignore_checksum_failure", "off", "damaged pages are used as if they were sound", Fault},
		{"data_checksums", "on", "damage of the disk is not noticed", Warning},
	} {
		value, known := f.Database.Settings[row.name]
		waits := row.name == "synchronous_commit" && value != "off" // for the disk, and perhaps for a standby
		if !known || value == row.better || waits {
			continue
		}
		fix := "set " + row.name + " = " + row.better
		if row.name == "data_checksums" {
			fix = "stop the server and run pg_checksums --enable"
		}
		p = append(p, Problem{row.status, row.name + " = " + value + ": " + row.what, fix})
	}
	return "what is acknowledged stays", p
}

// upkeep judges whether the server cleans up, and can plan.
func upkeep(f Facts) (found string, all []Problem) {
	var p problems
	d := f.Database
	for _, name := range []string{"autovacuum", "track_counts"} {
		if d.Settings[name] == "off" {
			p.fault("set "+name+" = on", "%s = off: overwritten values stay in the tables until the next purge, and "+
				"lists become slow", name)
		}
	}
	if len(d.Unvacuumed) > 0 {
		p.fault("ALTER TABLE ... RESET (autovacuum_enabled)", "autovacuum is switched off for %s", short(d.Unvacuumed))
	}
	if len(d.Unanalyzed) > 0 {
		p.warn("run ANALYZE", "the planner has no statistics of %s: lists may be slow", short(d.Unanalyzed))
	}
	if d.Prepared > 0 {
		p.warn("COMMIT PREPARED or ROLLBACK PREPARED what pg_prepared_xacts lists",
			"%s: old rows with their values stay, and purge cannot run", counted(d.Prepared, "prepared transaction"))
	}
	if d.OldTransactions > 0 {
		p.warn("end what pg_stat_activity shows with an old xact_start",
			"%s open for more than an hour: old rows with their values stay, and purge cannot run",
			counted(d.OldTransactions, "transaction"))
	}
	return "autovacuum is on, statistics are there", p
}

// tolerated and refused are how far clocks may differ: tokens are accepted within half a minute.
const (
	tolerated = 5 * time.Second
	refused   = 30 * time.Second
)

func databaseClock(f Facts) (string, []Problem) {
	return clock("PostgreSQL", f.Database.Ahead, "times of audit events and protections contradict each other")
}

// clock judges how far another clock is ahead of this machine's.
func clock(whose string, ahead time.Duration, effect string) (found string, all []Problem) {
	var p problems
	const fix = "synchronise the clocks of all machines (NTP)"
	apart := ahead.Abs().Round(time.Second)
	switch {
	case ahead.Abs() > refused:
		p.fault(fix, "the clock of %s and this machine's differ by %s: %s", whose, apart, effect)
	case ahead.Abs() > tolerated:
		p.warn(fix, "the clock of %s and this machine's differ by %s", whose, apart)
	}
	return "the clocks agree within " + tolerated.String(), p
}
