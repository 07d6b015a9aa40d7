package command

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The demo as its user sees it: 300 conversations, four people with what their roles allow; what was changed
// is there after a restart, and also after kill -9; --fresh begins anew.
func TestDemo(t *testing.T) {
	t.Parallel()
	dir := newDataDir(t)
	demo := startDemo(t, dir)
	for as, want := range map[string]string{"manager": `"totalCount":300`, "analyst": `"totalCount":300`,
		"agent": `"totalCount":31`} {
		if answer := demo.ask(t, as, `{ conversations { totalCount } }`); !strings.Contains(answer, want) {
			t.Errorf("the %s sees %s", as, answer)
		}
	}
	settings := demo.ask(t, "manager", `{ complianceSettings { customData { key } otherData { key isCorrelationKey } } }`)
	filterKeys := `"customData":[{"key":"case.category"},{"key":"crm.segment"},{"key":"routing.language"},` +
		`{"key":"routing.queue"}]`
	if !strings.Contains(settings, `{"key":"crm.customerNumber","isCorrelationKey":true}`) ||
		!strings.Contains(settings, filterKeys) {
		t.Errorf("the settings are %s", settings)
	}
	demo.ask(t, "manager", `mutation { saveComplianceSettings(input: {baseVersion: 1,
		basicData: {mediaFiles: true}}) { userErrors { code } } }`)
	demo.end(t, os.Kill)
	demo = startDemo(t, dir)
	demo.wantState(t, "after kill -9", `"version":2`)
	demo.end(t, syscall.SIGTERM)
	demo = startDemo(t, dir, "--fresh")
	demo.wantState(t, "after --fresh", `"version":1`)
	demo.end(t, os.Interrupt)
}

// wantState checks the version of the settings, and that the demo's conversations are there.
func (p *process) wantState(t *testing.T, when, version string) {
	t.Helper()
	answer := p.ask(t, "manager", `{ complianceSettings { version } conversations { totalCount } }`)
	if !strings.Contains(answer, version) || !strings.Contains(answer, `300`) {
		t.Errorf("%s: %s", when, answer)
	}
}

// A second command shares the server of a running demo.
func TestImportIntoARunningDemo(t *testing.T) {
	t.Parallel()
	dir := newDataDir(t)
	demo := startDemo(t, dir)
	file := filepath.Join(dir, "one.json")
	if err := os.WriteFile(file, []byte(oneVcon), 0o644); err != nil {
		t.Fatal(err)
	}
	if status, out, errors := command(t, "import", "--data", dir, file); status != 0 || !strings.Contains(out, "1 added") {
		t.Fatalf("import ended with %d: %s%s", status, out, errors)
	}
	answer := demo.ask(t, "manager", `{ conversations { totalCount } }`)
	if !strings.Contains(answer, `"totalCount":301`) {
		t.Errorf("the demo sees %s", answer)
	}
	demo.end(t, os.Interrupt)
}
