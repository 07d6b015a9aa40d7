package db

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"qm-compliance/compliance"
)

// loadConversations makes conversations by the script of the benchmarks, which says what they are like.
func loadConversations(t *testing.T, s *Store, count int) {
	t.Helper()
	script, err := os.ReadFile(filepath.Join("..", "bench", "conversations.sql"))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := s.db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	text := strings.ReplaceAll(string(script), ":conversations", strconv.Itoa(count))
	for statement := range strings.SplitSeq(text, ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%.80s: %v", strings.TrimSpace(statement), err)
		}
	}
}

// named is a filter with what it lets through.
type named struct {
	name, field string
	filter      Filter
}

// loadedFilters are all fields of the filter with values that are frequent, rare and absent among the loaded
// conversations, one at a time.
func loadedFilters(count int) []named {
	yes, no := true, false
	middle := time.Date(2026, 1, 1, 0, 0, 31*count/2, 0, time.UTC)
	types := func(names ...compliance.ConversationType) Filter { return Filter{Types: names} }
	statuses := func(names ...compliance.MediaStatus) Filter { return Filter{MediaStatuses: names} }
	metadata := func(values ...string) (f Filter) {
		for i := 0; i < len(values); i += 2 {
			f.Metadata = append(f.Metadata, MetadataMatch{Key: "key." + values[i], Value: "value " + values[i+1]})
		}
		return f
	}
	return []named{
		{"started from", "startedFrom", Filter{StartedFrom: &middle}}, {"started to", "startedTo", Filter{StartedTo: &middle}},
		{"all types", "types", types(compliance.TypeCall)}, {"a tenth of types", "types", types(compliance.TypeEmail)},
		{"absent types", "types", types(compliance.TypeScreenRecording)},
		{"two types", "types", types(compliance.TypeEmail, compliance.TypeScreenRecording)},
		{"one phone", "phone", Filter{PhoneNumber: fmt.Sprint(10_000_000 + count/2)}},
		{"all phones", "phone", Filter{PhoneNumber: "4207"}},
		{"one address", "address", Filter{DigitalAddress: fmt.Sprintf("person%d.0@", count/2)}},
		{"all addresses", "address", Filter{DigitalAddress: "example.com"}},
		{"a fifth of metadata", "metadata", metadata("2", "3")},
		{"a hundredth of metadata", "metadata", metadata("3", "7")},
		{"a thousandth of metadata", "metadata", metadata("1", "10")},
		{"absent metadata", "metadata", metadata("1", "none")},
		{"three metadata", "metadata", metadata("2", "3", "3", "13", "1", "13")},
		{"metadata never together", "metadata", metadata("2", "3", "3", "14")},
		{"reviewable", "reviewable", Filter{Reviewable: &yes}}, {"not reviewable", "reviewable", Filter{Reviewable: &no}},
		{"available", "status", statuses(compliance.MediaAvailable)}, {"deleted", "status", statuses(compliance.MediaDeleted)},
		{"two statuses", "status", statuses(compliance.MediaDeleted, compliance.MediaMissing)},
		{"anonymized", "anonymized", Filter{Anonymized: &yes}}, {"never anonymized", "anonymized", Filter{Anonymized: &no}},
	}
}

// pairsOf are every two different fields of the filter at once.
func pairsOf(single []named) (both []named) {
	for i, one := range single {
		for _, other := range single[i+1:] {
			if one.field != other.field {
				both = append(both, named{one.name + ", " + other.name, "", one.filter.and(other.filter)})
			}
		}
	}
	return both
}

// and is the filter with the fields of another one besides its own.
func (f Filter) and(other Filter) Filter {
	if other.StartedFrom != nil {
		f.StartedFrom = other.StartedFrom
	}
	if other.StartedTo != nil {
		f.StartedTo = other.StartedTo
	}
	if other.Types != nil {
		f.Types = other.Types
	}
	f.PhoneNumber += other.PhoneNumber
	f.DigitalAddress += other.DigitalAddress
	f.Metadata = append(f.Metadata, other.Metadata...)
	if other.Reviewable != nil {
		f.Reviewable = other.Reviewable
	}
	if other.MediaStatuses != nil {
		f.MediaStatuses = other.MediaStatuses
	}
	if other.Anonymized != nil {
		f.Anonymized = other.Anonymized
	}
	return f
}

// cost is what a list took.
type cost struct {
	rows, blocks float64
	answered     int
}

// costOf runs the statements of a page as the reader does, and holds that they read by index and without workers.
func costOf(t *testing.T, s *Store, what string, lists []*statement, p Page) (all cost) {
	t.Helper()
	for _, list := range lists {
		if all.answered > p.size() {
			break
		}
		got := explainStatement(t, s, list)
		if _, scanned := got.indexes(); len(scanned) > 0 || got.parallel() {
			t.Errorf("%s: reads %v from end to end, or in parallel", what, scanned)
		}
		all.rows, all.blocks, all.answered = all.rows+got.read(), all.blocks+got.Hit+got.Miss, int(got.Rows)
	}
	return all
}

// TestListsGrowSlowly holds, for every filter, every two filters, both orders, either end, and three scopes, what a
// page reads of n conversations: at most 30·√n rows of tables and indexes, however few of them match. QM_DRILL makes it
// 300,000 conversations instead of 30,000.
func TestListsGrowSlowly(t *testing.T) {
	t.Parallel()
	sizes := []int{10_000, 30_000}
	if os.Getenv("QM_DRILL") != "" {
		sizes[1] = 300_000
	}
	for _, count := range sizes {
		t.Run(strconv.Itoa(count), func(t *testing.T) {
			t.Parallel()
			holdGrowth(t, count)
		})
	}
}

func holdGrowth(t *testing.T, count int) {
	s := newStore(t)
	loadConversations(t, s, count)
	scopes := map[string]Access{"everybody": Everything(), "a group": {Principals: []string{"group:team7"}},
		"an agent": {Principals: []string{"user:agent7"}}}
	single := loadedFilters(count)
	limit := 30 * math.Sqrt(float64(count))
	worst, dearest, lists := cost{}, "", 0
	for i, one := range append(single, pairsOf(single)...) {
		prepared, err := one.filter.prepare(t.Context(), s.db)
		if err != nil {
			t.Fatal(err)
		}
		for scope, access := range scopes {
			for _, o := range everyOrder() {
				pages := []Page{{First: 50}, {Last: 50}}
				if i >= len(single) { // two filters at once: the first page of either order
					if pages = pages[:1]; !o.Descending {
						continue
					}
				}
				for _, p := range pages {
					what := fmt.Sprintf("%s, %s, order %+v, page %+v", one.name, scope, o, p)
					asked, err := s.statements(t.Context(), access, prepared, o, p)
					if err != nil {
						t.Fatal(err)
					}
					got := costOf(t, s, what, asked, p)
					if got.rows > limit {
						t.Errorf("%s: reads %v rows, %v blocks, answers %d", what, got.rows, got.blocks, got.answered)
					}
					if lists++; got.rows > worst.rows {
						worst, dearest = got, what
					}
				}
			}
		}
	}
	t.Logf("%d lists of %d conversations, at most %+v: %s", lists, count, worst, dearest)
}

// parallel reports whether a plan starts workers.
func (p plan) parallel() bool {
	return p.Workers > 0 || slices.ContainsFunc(p.Plans, plan.parallel)
}
