//go:build compare

package compare

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// The memory of a server that has just answered its first listing, and the most that it has under load.
func TestMemory(t *testing.T) {
	s := startProgram(t, loaded(t, conversations(t)))
	page, id := askListing(t, s)
	bound(t, "memory, idle", "MB", s.megabytes("VmRSS"), 50, 60)
	one := ask(t, s.process, "/graphql", s.manager(), query(fmt.Sprintf(detail, id)))
	for range rounds {
		page.load(t, 32, window(t))
		one.load(t, 32, window(t))
	}
	bound(t, "memory, at most under load of 32 clients", "MB", s.megabytes("VmHWM"), 120, 160)
}

// The memory of importing and of exporting a million conversations, which takes long; QM_COMPARE_MILLION names
// another number.
func TestMemoryOfAMillion(t *testing.T) {
	count := number(t, "QM_COMPARE_MILLION", 1_000_000)
	database, dir := fresh(t, 0), t.TempDir()
	media, output := filepath.Join(dir, "media"), filepath.Join(dir, "export.ndjson")
	file := vconFile(t, 0, count)
	took, peak := run(t, "import", "--database-url", database, "--media-url", media, file)
	bound(t, fmt.Sprintf("memory, import of %d", count), "MB", peak, 100, 300)
	fmt.Printf("    in %s, %.0f conversations/s\n", took.Round(time.Second), float64(count)/took.Seconds())
	_ = os.Remove(file)
	took, peak = run(t, "export", "--database-url", database, "--media-url", media, "--output", output)
	wantLines(t, output, count)
	bound(t, fmt.Sprintf("memory, export of %d", count), "MB", peak, 100, 300)
	fmt.Printf("    in %s, %.0f conversations/s\n", took.Round(time.Second), float64(count)/took.Seconds())
}

// What grows with the number of conversations: the sizes of tables and indexes, and the time of loading, listing,
// anonymizing, vacuum and purge. It has no floor: docs/scale.md is made of it. QM_COMPARE_SIZES names other numbers.
func TestGrowth(t *testing.T) {
	sizes := os.Getenv("QM_COMPARE_SIZES")
	if sizes == "" {
		sizes = "10000 100000"
	}
	for size := range strings.FieldsSeq(sizes) {
		t.Run(size, func(t *testing.T) {
			var count int
			if _, err := fmt.Sscan(size, &count); err != nil {
				t.Fatal(err)
			}
			grow(t, count)
		})
	}
}

func grow(t *testing.T, count int) {
	database := fresh(t, 0)
	conn := connect(t, database)
	load(t, conn, count)
	printSizes(t, conn, count)
	s := startProgram(t, database)
	page, _ := askListing(t, s)
	fmt.Printf("    listing, 8 clients: %s\n", page.load(t, 8, window(t)))
	timed := func(what string, do func()) {
		begun := time.Now()
		do()
		fmt.Printf("    %-50s %8.1f s\n", what, time.Since(begun).Seconds())
	}
	statement := func(text string) func() {
		return func() {
			if _, err := conn.Exec(t.Context(), text); err != nil {
				t.Fatal(err)
			}
		}
	}
	some := min(count, 10_000)
	switchOn(t, s)
	token := s.manager()
	timed(fmt.Sprintf("anonymizing %d of %d", some, count), func() {
		for from := 0; from < some; from += pageSize {
			anonymize(t, s, token, from, min(from+pageSize, some))
		}
	})
	timed("VACUUM after that", statement("VACUUM"))
	s.stop()
	timed("purge", func() { run(t, "purge", "--database-url", database) })
	printSizes(t, conn, count)
}

func printSizes(tb testing.TB, conn *pgx.Conn, count int) {
	tb.Helper()
	const sizes = `SELECT format('%s|%s|%s', relname, CASE relkind WHEN 'i' THEN 'index' ELSE 'table' END, pg_relation_size(oid) +
			coalesce(pg_relation_size(nullif(reltoastrelid, 0)), 0))
		FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') AND pg_relation_size(oid) > 64 * 1024
		ORDER BY pg_relation_size(oid) DESC`
	var all int64
	var lines []string
	for _, text := range texts(tb, conn, sizes) {
		parts := strings.Split(text, "|")
		var size int64
		_, _ = fmt.Sscan(parts[2], &size)
		all += size
		lines = append(lines, fmt.Sprintf("    %-45s %s %9.1f MB %7.0f bytes/conversation",
			parts[0], parts[1], float64(size)/1e6, float64(size)/float64(count)))
	}
	fmt.Printf("%d conversations: %.1f MB, %.0f bytes each\n%s\n",
		count, float64(all)/1e6, float64(all)/float64(count), strings.Join(lines, "\n"))
}
