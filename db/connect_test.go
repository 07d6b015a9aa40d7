package db

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/compliance"
)

// PostgreSQL 15 is the oldest that is supported (design, section 10).
func TestTooOldServersAreRefused(t *testing.T) {
	t.Parallel()
	for number, refused := range map[int]bool{90624: true, 130004: true, 140011: true, 150000: false, 150018: false,
		180004: false} {
		err := checkVersion(number)
		if (err != nil) != refused {
			t.Errorf("version %d: %v", number, err)
		}
		if err != nil && !strings.Contains(err.Error(), "version 15 or later is needed") {
			t.Errorf("version %d: %v", number, err)
		}
	}
}

func TestConnectSaysWhatIsWrongAndKeepsThePassword(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"postgres://user:s3cretword@127.0.0.1:1/x":    "cannot reach PostgreSQL at 127.0.0.1:1",
		"postgres://user:s3cretword@127.0.0.1:zz/x":   "DATABASE_URL is not a PostgreSQL address",
		"http://user:s3cretword@127.0.0.1/x":          "DATABASE_URL is not a PostgreSQL address",
		"postgres://user:s3cretword@/x?host=/nowhere": "cannot reach PostgreSQL",
	} {
		_, _, err := Connect(t.Context(), url)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cretword") {
			t.Errorf("%v; want: %s", err, want)
		}
	}
}

// The migration's first version of the settings is what the rules say an organisation begins with.
func TestTheFirstSettingsAreTheDefaults(t *testing.T) {
	t.Parallel()
	settings, err := newStore(t).Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(compliance.Changes(compliance.Defaults(), settings.Selection),
		[]compliance.Change(nil)); diff != "" || settings.Version != 1 || settings.SavedAt != nil {
		t.Errorf("version %d differs from the defaults: %s", settings.Version, diff)
	}
}

func TestConnectSaysThatAHostIsUnknown(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("hostname resolving error: %w", &net.DNSError{Name: "nowhere.example", IsNotFound: true})
	if got := rootCause(err); got.Error() != "no such host" {
		t.Error(got)
	}
}
