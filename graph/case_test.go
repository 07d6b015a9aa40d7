package graph_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write what the API answers into the case files")

// TestCases runs the case files of testdata, each on a database of its own. A case is a list of steps;
// each begins with a section that says who asks ("as manager"), followed by the sections query,
// variables (optional) and want. A section sql runs a query and wants its rows in the want after it. $1,
// $2, ... stand for the global ids of the fixture's conversations.
func TestCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no case files", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(file, "testdata/"), ".txtar"), func(t *testing.T) {
			t.Parallel()
			runCase(t, file)
		})
	}
}

func runCase(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c := &caseRun{t: t, api: newAPI(t), variables: map[string]any{}}
	c.ids = c.api.conversationIDs(t)
	for i := range archive.Files {
		c.section(&archive.Files[i])
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// caseRun is a case on its way through its sections.
type caseRun struct {
	t         *testing.T
	api       *api
	ids       []string
	as, query string
	sql       string
	variables map[string]any
}

func (c *caseRun) section(section *txtar.File) {
	text := strings.TrimSpace(string(section.Data))
	switch name, argument, _ := strings.Cut(section.Name, " "); name {
	case "as":
		c.as, c.query, c.sql, c.variables = argument, "", "", map[string]any{}
	case "query":
		c.query = c.fill(text)
	case "variables":
		if err := json.Unmarshal([]byte(c.fill(text)), &c.variables); err != nil {
			c.t.Fatalf("variables: %v", err)
		}
	case "sql":
		c.sql = text
	case "want":
		c.want(section, text)
	default:
		c.t.Fatalf("there is no section %q", section.Name)
	}
}

func (c *caseRun) want(section *txtar.File, want string) {
	got := c.answer()
	if *update {
		section.Data = []byte(got + "\n")
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		c.t.Errorf("%s, as %s (-want +got):\n%s", c.query+c.sql, c.as, diff)
	}
	c.sql = ""
}

func (c *caseRun) answer() string {
	if c.sql != "" {
		return c.rows()
	}
	_, body := c.api.post(c.t, c.as, c.query, c.variables)
	if bytes.Contains(body, []byte("INTERNAL")) {
		c.t.Errorf("an internal error; the log says: %s", c.api.log)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, body, "", "  "); err != nil {
		c.t.Fatalf("not JSON: %s", body)
	}
	return c.unfill(strings.TrimSpace(pretty.String()))
}

func (c *caseRun) rows() string {
	c.api.refused.Flush(c.t.Context())
	var lines []string
	rows, err := c.api.pool.Query(c.t.Context(), c.sql)
	if err != nil {
		c.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			c.t.Fatal(err)
		}
		cells := make([]string, len(values))
		for i, value := range values {
			cells[i] = fmt.Sprint(value)
		}
		lines = append(lines, strings.Join(cells, " | "))
	}
	return strings.Join(lines, "\n")
}

var place = regexp.MustCompile(`\$(\d)\b`)

// fill puts the ids of conversations where $1, $2, ... stand; variables such as $id stay.
func (c *caseRun) fill(text string) string {
	return place.ReplaceAllStringFunc(text, func(p string) string { return c.ids[p[1]-'1'] })
}

func (c *caseRun) unfill(text string) string {
	for i, id := range c.ids {
		text = strings.ReplaceAll(text, `"`+id+`"`, fmt.Sprintf(`"$%d"`, i+1))
	}
	return text
}
