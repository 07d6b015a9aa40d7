package doctor

import (
	"fmt"
	"strings"
)

// connections judges whether one more server gets all connections of its pool.
func connections(f Facts) (found string, all []Problem) {
	var p problems
	at, pool := f.Database.Places, f.Database.Pool+1 // one more looks after readiness
	free, bound := at.Server-at.Reserved-at.Used, "max_connections"
	if at.Role >= 0 && at.Role-at.UsedByRole < free {
		free, bound = at.Role-at.UsedByRole, "the limit of the account"
	}
	if at.Database >= 0 && at.Database-at.UsedOfDatabase < free {
		free, bound = at.Database-at.UsedOfDatabase, "the limit of the database"
	}
	if free < pool {
		p.warn("raise "+bound+", lower --database-connections, or put a pooler before PostgreSQL (--database-unprepared)",
			"PostgreSQL has room for %s more, by %s; a server opens up to %d", counted(max(free, 0), "connection"), bound, pool)
	}
	return fmt.Sprintf("room for %d more; a server opens up to %d", free, pool), p
}

const (
	mib = 1 << 20
	gib = 1 << 30
)

// disk judges the room for the database. A purge rewrites the largest table beside itself.
func disk(f Facts) (found string, all []Problem) {
	var p problems
	d := f.Database
	needs := max(uint64(d.LargestTable), gib)
	switch {
	case d.Free == nil:
		return fmt.Sprintf("not visible from here; a purge needs %s", size(int64(needs))), nil
	case *d.Free < 256*mib:
		p.fault("make room: PostgreSQL stops when the disk is full", "only %s are free on the database's disk", size(int64(*d.Free)))
	case *d.Free < needs:
		p.warn("make room before the next purge", "%s are free on the database's disk; a purge needs %s",
			size(int64(*d.Free)), size(int64(needs)))
	}
	return size(int64(*d.Free)) + " are free", p
}

// copies judges where old rows live on after they were overwritten and purged.
func copies(f Facts) (found string, all []Problem) {
	var p problems
	c := f.Database.Copies
	const keep = "docs/operations.md says how long they may be kept; --accept database-copies accepts this"
	if c.Archives {
		p.warn("bound how long the archive is kept: "+keep,
			"the write-ahead log is archived (archive_mode): overwritten values stay in the archive as long as it is kept")
	}
	for _, slot := range c.Slots {
		state := "in use"
		if !slot.Active {
			state = "not in use"
		}
		p.warn("drop it where nothing reads it any more (pg_drop_replication_slot): "+keep,
			"the replication slot %s, %s, keeps %s of write-ahead log with overwritten values", slot.Name, state,
			size(slot.Retained))
	}
	if c.Replicas > 0 {
		p.warn("bound what the replicas keep: "+keep,
			"%s: rows follow, but logs and backups there keep overwritten values", counted(c.Replicas, "replica or subscriber"))
	}
	if len(c.Publications) > 0 {
		p.warn("drop them, or treat subscribers as copies with personal data: "+keep,
			"publications (%s) hand rows to other databases, in which this program removes nothing else",
			short(c.Publications))
	}
	if c.Subscriptions > 0 {
		p.warn("drop it: only this program may write its tables", "the database subscribes to another one")
	}
	return "no archive, no replica, no slot", p
}

func memory(f Facts) (found string, all []Problem) {
	var p problems
	m := f.Machine
	switch {
	case m.Memory == 0:
		return "not known here", nil
	case m.Limit > m.Memory*9/10:
		p.fault("lower --memory-limit (QM_MEMORY_LIMIT) or GOMEMLIMIT to nine tenths of that",
			"a server would free memory from %s on only, and has %s: it would be killed first", size(m.Limit), size(m.Memory))
	case m.Memory < 256*mib:
		p.warn("give it 512 MB", "a server has %s of memory; attacks and exports take up to 300 MB", size(m.Memory))
	}
	return fmt.Sprintf("%s, of which a server uses %s before it frees what it can", size(m.Memory), size(m.Limit)), p
}

// openFiles judges whether every WebSocket and connection gets a file descriptor.
func openFiles(f Facts) (found string, all []Problem) {
	var p problems
	if f.Machine.OpenFiles == 0 {
		return "not known here", nil
	}
	needs := uint64(2*f.Settings.Sockets + f.Database.Pool + 500)
	if f.Machine.OpenFiles < needs {
		p.warn(fmt.Sprintf("raise it to %d (ulimit -n, LimitNOFILE=), or lower --sockets", needs),
			"a server may open %d files, and needs up to %d for its connections", f.Machine.OpenFiles, needs)
	}
	return fmt.Sprintf("%d files at once", f.Machine.OpenFiles), p
}

// size writes a number of bytes for people.
func size(bytes int64) string {
	switch {
	case bytes >= gib:
		return fmt.Sprintf("%.1f GiB", float64(bytes)/gib)
	case bytes >= mib:
		return fmt.Sprintf("%d MiB", bytes/mib)
	}
	return fmt.Sprintf("%d KiB", bytes/1024)
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// short lists the first of many names.
func short(names []string) string {
	const most = 6
	text := strings.Join(names[:min(len(names), most)], ", ")
	if len(names) > most {
		text += fmt.Sprintf(", and %d more", len(names)-most)
	}
	return text
}
