package db

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// PurgeMethod is how Purge rewrites a table.
type PurgeMethod string

// The ways to rewrite a table.
const (
	// Swapped: its rows are copied into a new table while everybody reads and writes the old one; then the new one takes
	// the place of the old one.
	Swapped PurgeMethod = "SWAPPED"
	// Locked: VACUUM FULL rewrites it, and nobody else can use it meanwhile.
	Locked PurgeMethod = "LOCKED"
)

// Lock says what others wait for while a table is rewritten in this way.
func (m PurgeMethod) Lock() string {
	if m == Locked {
		return "nobody can read or write it meanwhile"
	}
	return "it is read and written meanwhile; at the end changes wait for two seconds at most, and readers for less than one"
}

// PurgeOptions are what a purge can be asked for.
type PurgeOptions struct {
	// Locked rewrites every table by VACUUM FULL, which takes less time and less log.
	Locked bool
}

// PurgePlan is what a purge will do, as far as it is known before it begins.
type PurgePlan struct {
	Tables []PlannedTable
}

// PlannedTable is a table that a purge will rewrite.
type PlannedTable struct {
	Table string
	// Bytes is how much the table and its indexes take now. As much free disk is needed while it is rewritten.
	Bytes  int64
	Method PurgeMethod
	// Reason says why the table is not swapped, where it is not; it is empty where locking was asked for.
	Reason string
	// Lasts estimates how long it takes.
	Lasts time.Duration
}

// Bytes is how much the tables take together.
func (p PurgePlan) Bytes() (sum int64) {
	for _, table := range p.Tables {
		sum += table.Bytes
	}
	return sum
}

// Disk is the free disk that is needed: as much as the largest table takes.
func (p PurgePlan) Disk() (most int64) {
	for _, table := range p.Tables {
		most = max(most, table.Bytes)
	}
	return most
}

// Lasts estimates how long the purge takes.
func (p PurgePlan) Lasts() (sum time.Duration) {
	for _, table := range p.Tables {
		sum += table.Lasts
	}
	return sum
}

// Bytes of a table and its indexes that are rewritten in a second, on two processors that serve a reader and a writer
// besides (docs/scale.md). They give the order of magnitude: disk and processor decide.
const (
	swappedASecond = 30e6
	lockedASecond  = 35e6
)

func lasting(bytes int64, method PurgeMethod) time.Duration {
	rate := swappedASecond
	if method == Locked {
		rate = lockedASecond
	}
	return time.Duration(float64(bytes) / rate * float64(time.Second))
}

// PlanPurge says what Purge would do with these options, and does nothing. It fails where the database's role may not
// rewrite the tables.
func (s *Store) PlanPurge(ctx context.Context, options PurgeOptions) (PurgePlan, error) {
	return planPurge(ctx, s.db, options)
}

func planPurge(ctx context.Context, db bun.IDB, options PurgeOptions) (plan PurgePlan, err error) {
	for _, table := range purgedTables() {
		planned := PlannedTable{Table: string(table), Method: Locked}
		may, err := mayRewrite(ctx, db, planned.Table)
		if err != nil {
			return PurgePlan{}, err
		}
		if !may {
			return PurgePlan{}, fmt.Errorf("this account may not rewrite %s: purge as the owner of the tables", table)
		}
		if !options.Locked {
			if planned.Reason, err = hindrance(ctx, db, planned.Table); err != nil {
				return PurgePlan{}, err
			}
			if planned.Reason == "" {
				planned.Method = Swapped
			}
		}
		const size = "SELECT pg_total_relation_size(?::regclass)"
		if err := db.NewRaw(size, planned.Table).Scan(ctx, &planned.Bytes); err != nil {
			return PurgePlan{}, err
		}
		planned.Lasts = lasting(planned.Bytes, planned.Method)
		plan.Tables = append(plan.Tables, planned)
	}
	return plan, nil
}

// PurgeStep is what a purge begins to do.
type PurgeStep struct {
	// Does says it, for people.
	Does string
	// Table is the table that it is about; empty for none.
	Table string
	// Lock says what others wait for meanwhile; empty where nobody waits.
	Lock string
	// Done and All are the bytes of the tables that are rewritten by now, and of all that will be.
	Done, All int64
}
