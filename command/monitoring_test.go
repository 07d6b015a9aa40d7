package command

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// shownMetrics are the metrics that were shown: of each name the labels, and of each label the values.
type shownMetrics map[string]map[string][]string

// read adds what /metrics answered.
func (s shownMetrics) read(t *testing.T, text string) {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for name, family := range families {
		for _, suffix := range []string{"", "_count", "_sum", "_bucket"} {
			if suffix != "" && family.GetType().String() != "HISTOGRAM" {
				continue
			}
			labels := s[name+suffix]
			if labels == nil {
				labels = map[string][]string{}
				s[name+suffix] = labels
			}
			for _, metric := range family.Metric {
				for _, pair := range metric.Label {
					labels[pair.GetName()] = append(labels[pair.GetName()], pair.GetValue())
				}
			}
			if suffix == "_bucket" {
				labels["le"] = []string{"1"}
			}
		}
	}
}

var (
	expression = regexp.MustCompile(`([a-z_]\w*)(?:\{([^}]*)\})?`)
	matcher    = regexp.MustCompile(`(\w+)\s*(=~|!=|!~|=)\s*"([^"]*)"`)
	grouping   = regexp.MustCompile(`(?:by|without|ignoring|on)\s*\(([^)]*)\)`)
)

// check holds one expression of PromQL: each metric that it names is shown, with the labels that it names, and with the
// values that it asks for.
func (s shownMetrics) check(t *testing.T, where, query string) (metrics int) {
	t.Helper()
	known := map[string]bool{}
	for _, match := range expression.FindAllStringSubmatch(query, -1) {
		name := match[1]
		if !regexp.MustCompile(`^(qm|go|process|up)(_\w+)?$`).MatchString(name) || name == "go" {
			continue
		}
		metrics++
		labels, shown := s[name]
		if !shown && name != "up" { // Prometheus makes that one itself
			t.Errorf("%s asks for %s, which no server shows", where, name)
			continue
		}
		for label := range labels {
			known[label] = true
		}
		for _, pair := range matcher.FindAllStringSubmatch(match[2], -1) {
			label, relation, value := pair[1], pair[2], pair[3]
			if label == "instance" || label == "job" { // Prometheus adds these
				continue
			}
			for _, one := range strings.Split(value, "|") {
				if relation[0] == '=' && !slices.Contains(labels[label], one) && label != "code" {
					t.Errorf("%s asks for %s{%s=%q}, which no server shows; there are %v", where, name, label, one, labels[label])
				}
			}
		}
	}
	for _, group := range grouping.FindAllStringSubmatch(query, -1) {
		for label := range strings.SplitSeq(group[1], ",") {
			if label = strings.TrimSpace(label); !known[label] && label != "instance" {
				t.Errorf("%s groups by %s, which no metric of it has", where, label)
			}
		}
	}
	return metrics
}

// monitoringQueries are the queries of the dashboard and of the alerts, by where they stand.
func monitoringQueries(t *testing.T) map[string]string {
	t.Helper()
	queries := map[string]string{}
	text := readFile(t, "deploy/monitoring/dashboard.json")
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ RefID, Expr string }
		}
	}
	if err := json.Unmarshal([]byte(text), &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			queries["the panel "+panel.Title+" "+target.RefID] = target.Expr
		}
	}
	alerts := readFile(t, "deploy/monitoring/alerts.yml")
	names := regexp.MustCompile(`- alert: (\w+)\n\s+expr: (?:>-\n\s+)?(.+)\n`).FindAllStringSubmatch(alerts, -1)
	runbooks := readFile(t, "docs/monitoring.md")
	tests := readFile(t, "deploy/monitoring/alerts_test.yml")
	for _, alert := range names {
		queries["the alert "+alert[1]] = alert[2]
		if !strings.Contains(runbooks, "### "+alert[1]+"\n") || !strings.Contains(tests, "alertname: "+alert[1]+"\n") {
			t.Errorf("the alert %s lacks its runbook or its test", alert[1])
		}
	}
	if len(names) != strings.Count(alerts, "- alert:") || len(queries) < 40 {
		t.Errorf("only %d alerts and %d queries are read", len(names), len(queries))
	}
	return queries
}

// Every query of the dashboard and of the alerts asks for what a server, or a Delete tool, shows: metrics, labels and
// values. Every metric of the program's own has its line in docs/monitoring.md.
func TestTheDashboardAsksForWhatIsShown(t *testing.T) {
	t.Parallel()
	shown := shownMetrics{}
	demo := startDemo(t, newDataDir(t))
	demo.ask(t, "manager", `{ viewer { userId } }`)
	demo.ask(t, "manager", `mutation { resetComplianceSettings { __typename } }`)
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+demo.address+"/metrics", nil)
	_, text := fetchText(t, request)
	shown.read(t, text)
	shown.read(t, deleteToolMetrics(t))
	for where, query := range monitoringQueries(t) {
		if shown.check(t, where, query) == 0 {
			t.Errorf("%s asks for nothing: %s", where, query)
		}
	}
	page := readFile(t, "docs/monitoring.md")
	for _, name := range slices.Sorted(maps.Keys(shown)) {
		base := name
		for _, suffix := range []string{"_count", "_sum", "_bucket"} {
			base = strings.TrimSuffix(base, suffix)
		}
		if strings.HasPrefix(name, "qm_") && !strings.Contains(page, "`"+base) {
			t.Errorf("docs/monitoring.md does not mention %s", base)
		}
	}
}

var monitoringAt = regexp.MustCompile(`msg="answering monitoring" address=(\S+)`)

// deleteToolMetrics are those of a Delete tool that keeps running and has ended a pass.
func deleteToolMetrics(t *testing.T) (text string) {
	t.Helper()
	tool := newInstallation(t).process(t, "", "delete-media", "--watch", "1h", "--admin-listen", "127.0.0.1:0")
	return untilToolShows(t, startTool(t, tool), `qm_deletion_passes_total{result="done"} 1`)
}

// startTool starts a Delete tool and returns the address at which it answers monitoring.
func startTool(t *testing.T, tool *exec.Cmd) (address string) {
	t.Helper()
	log := newLines(monitoringAt)
	tool.Stdout, tool.Stderr = log, log
	if err := tool.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tool.Process.Signal(os.Interrupt); _ = tool.Wait() })
	return log.await(t)
}

// untilToolShows waits until the metrics of a Delete tool have a line, and returns them.
func untilToolShows(t *testing.T, address, line string) (text string) {
	t.Helper()
	until(t, "the Delete tool shows "+line, func() bool {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/metrics", nil)
		_, text = fetchText(t, request)
		return strings.Contains(text, line)
	})
	return text
}

// Where a Delete tool starts the embedded PostgreSQL again before a server notices, the Delete tool shows it.
func TestDeleteToolShowsThatItRestartsPostgres(t *testing.T) {
	t.Parallel()
	dir := newDataDir(t)
	startDemo(t, dir).end(t, os.Interrupt)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	tool := exec.Command(self, "delete-media", "--data", dir, "--watch", "1h", "--admin-listen", "127.0.0.1:0")
	tool.Env = append(os.Environ(), asProgram+"=1")
	address := startTool(t, tool)
	untilToolShows(t, address, "\nqm_postgres_restarts_total 0\n")
	endPostgres(t, dir, syscall.SIGKILL)
	untilToolShows(t, address, "\nqm_postgres_restarts_total 1\n")
}
