package command

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/db"
)

var updateInventory = flag.Bool("update-inventory", false, "write what inventory prints into its files in testdata")

// The inventory needs no database: the address given leads nowhere.
func TestInventory(t *testing.T) {
	t.Parallel()
	for name, arguments := range map[string][]string{
		"inventory.txt":  {"inventory", "--database-url", "postgres://nobody@127.0.0.1:1/nothing"},
		"inventory.json": {"inventory", "--json", "--database-url", "postgres://nobody@127.0.0.1:1/nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, out, errors := command(t, arguments...)
			if status != 0 || errors != "" {
				t.Fatalf("status %d: %s", status, errors)
			}
			file := filepath.Join("testdata", name)
			if *updateInventory {
				if err := os.WriteFile(file, []byte(out), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), out); diff != "" {
				t.Errorf("not as in %s; if that is meant, run this test with -update-inventory (-want +got):\n%s", file, diff)
			}
		})
	}
}

// Every listed column and every excused one is printed, in JSON once for each switch that covers it.
func TestTheInventoryIsComplete(t *testing.T) {
	t.Parallel()
	_, out, _ := command(t, "inventory", "--json")
	var all inventory
	decoder := json.NewDecoder(strings.NewReader(out))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&all); err != nil {
		t.Fatal(err)
	}
	printed := map[string]int{}
	for _, group := range all.Columns {
		if group.Title == "" || len(group.Columns) == 0 {
			t.Errorf("a switch covers nothing: %+v", group)
		}
		for _, c := range group.Columns {
			printed[c.Table+"."+c.Column]++
		}
	}
	for _, c := range db.PersonalColumns() {
		if got := printed[c.Table+"."+c.Column]; got != max(1, len(c.CoveredBy)) {
			t.Errorf("%s.%s is printed %d times", c.Table, c.Column, got)
		}
	}
	if len(all.NotPersonal) != len(db.ExcusedColumns()) {
		t.Errorf("%d of %d excused columns are printed", len(all.NotPersonal), len(db.ExcusedColumns()))
	}
	var text bytes.Buffer
	if err := all.print(&text); err != nil {
		t.Fatal(err)
	}
	for number, line := range strings.Split(text.String(), "\n") {
		if len(line) > 106 {
			t.Errorf("line %d is %d characters wide: %s", number+1, len(line), line)
		}
	}
}
