package migrations_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	stepName    = regexp.MustCompile(`^\d{14}_[a-z_]+(\.tx)?\.up\.sql$`)
	changesRows = regexp.MustCompile(`(?im)^\s*(UPDATE|DELETE)\s`)
	makesIndex  = regexp.MustCompile(`(?i)(CREATE (UNIQUE )?|DROP )INDEX (\w+)`)
	addsCheck   = regexp.MustCompile(`(?is)ADD (CONSTRAINT \S+ )?(CHECK|FOREIGN KEY)[^;]*`)
)

// breaks says which rules of README.md a step breaks, as far as its text shows.
func breaks(name, text string) (rules []string) {
	if !stepName.MatchString(name) {
		rules = append(rules, "name")
	}
	inTransaction := strings.HasSuffix(name, ".tx.up.sql")
	if inTransaction && !strings.HasPrefix(text, "SET LOCAL lock_timeout = '2s';") {
		rules = append(rules, "lock_timeout")
	}
	if changesRows.MatchString(text) {
		rules = append(rules, "rows")
	}
	for _, index := range makesIndex.FindAllStringSubmatch(text, -1) {
		if inTransaction || !strings.EqualFold(index[3], "concurrently") {
			rules = append(rules, "concurrently")
			break
		}
	}
	if making := strings.Index(text, "CREATE INDEX"); making >= 0 && !inTransaction &&
		!strings.Contains(text[:making], "DROP INDEX CONCURRENTLY IF EXISTS") {
		rules = append(rules, "again")
	}
	for _, check := range addsCheck.FindAllString(text, -1) {
		if !strings.Contains(check, "NOT VALID") {
			rules = append(rules, "valid")
		}
	}
	return rules
}

// The steps after the structure of the first release keep the rules; breaks finds each breach.
func TestSteps(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	examples, err := filepath.Glob("../command/testdata/upgrade/*.sql")
	if err != nil || len(examples) != 2 {
		t.Fatal(examples, err)
	}
	for _, file := range append(files[1:], examples...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if rules := breaks(filepath.Base(file), string(text)); len(rules) > 0 {
			t.Errorf("%s breaks %v", file, rules)
		}
	}
	const begin = "SET LOCAL lock_timeout = '2s';\n"
	for _, row := range []struct{ name, text, rules string }{
		{"20270101000001_language.tx.up.sql", begin + "ALTER TABLE conversations ADD COLUMN language text;", ""},
		{"20270101000001_language.tx.up.sql", "ALTER TABLE conversations ADD COLUMN language text;", "lock_timeout"},
		{"language.sql", "SELECT 1;", "name"},
		{"20270101000001_all.tx.up.sql", begin + "UPDATE conversations SET language = 'en';", "rows"},
		{"20270101000001_i.tx.up.sql", begin + "CREATE UNIQUE INDEX i ON conversations (id);", "concurrently"},
		{"20270101000001_i.tx.up.sql", begin + "CREATE INDEX CONCURRENTLY i ON conversations (id);", "concurrently"},
		{"20270101000001_i.up.sql", "CREATE INDEX i ON conversations (id);", "concurrently again"},
		{"20270101000001_i.up.sql", "CREATE INDEX CONCURRENTLY i ON conversations (id);", "again"},
		{"20270101000001_i.up.sql", "DROP INDEX CONCURRENTLY IF EXISTS i;\n--bun:split\nCREATE INDEX CONCURRENTLY i ON c (id);", ""},
		{"20270101000001_c.tx.up.sql", begin + "ALTER TABLE c ADD CONSTRAINT d CHECK (id > 0);", "valid"},
		{"20270101000001_c.tx.up.sql", begin + "ALTER TABLE c ADD CONSTRAINT d CHECK (id > 0) NOT VALID;", ""},
		{"20270101000001_c.tx.up.sql", begin + "ALTER TABLE c ADD FOREIGN KEY (id)\n REFERENCES d;", "valid"},
	} {
		if got := strings.Join(breaks(row.name, row.text), " "); got != row.rules {
			t.Errorf("%s: %s\nbreaks %q; want %q", row.name, row.text, got, row.rules)
		}
	}
}
