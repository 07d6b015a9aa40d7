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
	for as, want := range map[string]string{"manager": `"totalCount":300`, "analyst": `"totalCount":300`, "agent": `"totalCount":31`} {
		if answer := demo.ask(t, as, `{ conversations { totalCount } }`); !strings.Contains(answer, want) {
			t.Errorf("the %s sees %s", as, answer)
		}
	}
	if answer := demo.ask(t, "manager", `{ complianceSettings { customData { key } otherData { key isCorrelationKey } } }`); !strings.Contains(answer, `{"key":"crm.customerNumber","isCorrelationKey":true}`) ||
		!strings.Contains(answer, `"customData":[{"key":"case.category"},{"key":"crm.segment"},{"key":"routing.language"},{"key":"routing.queue"}]`) {
		t.Errorf("the settings are %s", answer)
	}
	demo.ask(t, "manager", `mutation { saveComplianceSettings(input: {baseVersion: 1, basicData: {mediaFiles: true}}) { userErrors { code } } }`)
	demo.end(t, os.Kill)
	demo = startDemo(t, dir)
	if answer := demo.ask(t, "manager", `{ complianceSettings { version } conversations { totalCount } }`); !strings.Contains(answer, `"version":2`) || !strings.Contains(answer, `300`) {
		t.Errorf("after kill -9: %s", answer)
	}
	demo.end(t, syscall.SIGTERM)
	demo = startDemo(t, dir, "--fresh")
	if answer := demo.ask(t, "manager", `{ complianceSettings { version } conversations { totalCount } }`); !strings.Contains(answer, `"version":1`) || !strings.Contains(answer, `300`) {
		t.Errorf("after --fresh: %s", answer)
	}
	demo.end(t, os.Interrupt)
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
	if answer := demo.ask(t, "manager", `{ conversations { totalCount } }`); !strings.Contains(answer, `"totalCount":301`) {
		t.Errorf("the demo sees %s", answer)
	}
	demo.end(t, os.Interrupt)
}
