package doctor_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"qm-compliance/auth"
	"qm-compliance/db"
	"qm-compliance/doctor"
	"qm-compliance/media/filestore"
)

// sound are the facts of an installation without a problem.
func sound() doctor.Facts {
	room := uint64(100 << 30)
	return doctor.Facts{
		Settings: doctor.Settings{Issuer: "https://id.example", Audience: "qm", ConsoleClient: "console", Sockets: 10},
		Database: doctor.Database{
			Inspection: db.Inspection{
				Version: 150018, Encoding: "UTF8", Folding: "und-x-icu", MediaStore: "one", Network: true, Encrypted: true,
				Places: db.Places{Server: 100, Role: -1, Database: -1},
			},
			Verified: true, Pool: 10, Free: &room,
		},
		Store: doctor.Store{Free: &room, Inspection: filestore.Inspection{
			Kind: filestore.Folder, Exists: true, ID: "one", WasTried: true,
		}},
		Provider: doctor.Provider{Inspection: auth.Inspection{Issuer: "https://id.example", Keys: 1, Usable: 1, HasClock: true}},
		Machine:  doctor.Machine{Memory: 1 << 30, Limit: 192 << 20, OpenFiles: 20_000},
	}
}

// TestFaultsThatNoTestCanBringAbout judges facts that a machine of tests does not have, such as a disk that is full and
// a clock that is wrong. The others are brought about in command/doctor_test.go.
func TestFaultsThatNoTestCanBringAbout(t *testing.T) {
	t.Parallel()
	free := func(bytes uint64) *uint64 { return &bytes }
	for name, row := range map[string]struct {
		check  string
		status doctor.Status
		change func(*doctor.Facts)
	}{
		"nothing":                {"database", doctor.OK, func(*doctor.Facts) {}},
		"an old server":          {"database", doctor.Fault, func(f *doctor.Facts) { f.Database.Version = 140011 }},
		"no TLS":                 {"database-encryption", doctor.Warning, func(f *doctor.Facts) { f.Database.Encrypted = false }},
		"no certificate checked": {"database-encryption", doctor.Warning, func(f *doctor.Facts) { f.Database.Verified = false }},
		"another collation":      {"database-text", doctor.Fault, func(f *doctor.Facts) { f.Database.CollationMoved = true }},
		"an old transaction":     {"database-upkeep", doctor.Warning, func(f *doctor.Facts) { f.Database.OldTransactions = 1 }},
		"no place left":          {"database-connections", doctor.Warning, func(f *doctor.Facts) { f.Database.Places.Used = 95 }},
		"the account's limit": {"database-connections", doctor.Warning, func(f *doctor.Facts) {
			f.Database.Places.Role, f.Database.Places.UsedByRole = 20, 15
		}},
		"a full disk":      {"database-disk", doctor.Fault, func(f *doctor.Facts) { f.Database.Free = free(100 << 20) }},
		"a disk too small": {"database-disk", doctor.Warning, func(f *doctor.Facts) { f.Database.Free = free(900 << 20) }},
		"a disk too small for a purge": {"database-disk", doctor.Warning, func(f *doctor.Facts) {
			f.Database.Free, f.Database.LargestTable = free(10<<30), 20<<30
		}},
		"a disk out of sight":   {"database-disk", doctor.OK, func(f *doctor.Facts) { f.Database.Free = nil }},
		"a replica":             {"database-copies", doctor.Warning, func(f *doctor.Facts) { f.Database.Copies.Replicas = 1 }},
		"a subscription":        {"database-copies", doctor.Warning, func(f *doctor.Facts) { f.Database.Copies.Subscriptions = 1 }},
		"no checksums":          {"database-safety", doctor.Warning, settings("data_checksums", "off")},
		"damage is passed over": {"database-safety", doctor.Fault, settings("zero_damaged_pages", "on")},
		"a commit that waits for a standby": {"database-safety", doctor.OK,
			settings("synchronous_commit", "remote_apply")},
		"a commit that waits for this server": {"database-safety", doctor.OK, settings("synchronous_commit", "local")},
		"a commit that waits for nothing":     {"database-safety", doctor.Fault, settings("synchronous_commit", "off")},
		"a fast clock":                        {"database-clock", doctor.Warning, ahead(6 * time.Second)},
		"a slow clock":                        {"database-clock", doctor.Fault, ahead(-31 * time.Second)},
		"a clock that is right":               {"database-clock", doctor.OK, ahead(5 * time.Second)},
		"recordings have no room":             {"file-store-room", doctor.Fault, func(f *doctor.Facts) { f.Store.Free = free(1 << 20) }},
		"recordings have little room":         {"file-store-room", doctor.Warning, func(f *doctor.Facts) { f.Store.Free = free(1 << 30) }},
		"a public bucket":                     {"file-store-use", doctor.Fault, func(f *doctor.Facts) { f.Store.Public = true }},
		"a replicated bucket":                 {"file-store-copies", doctor.Warning, func(f *doctor.Facts) { f.Store.Replicated = true }},
		"no PKCE":                             {"provider-keys", doctor.Warning, func(f *doctor.Facts) { f.Provider.Challenges = []string{"plain"} }},
		"a provider over http":                {"provider", doctor.Fault, issuer("http://id.example")},
		"a provider over http on the machine": {"provider", doctor.OK, issuer("http://127.0.0.1:8080/realms/x")},
		"a service over http": {"interaction-service", doctor.Warning, func(f *doctor.Facts) {
			f.Service = doctor.Service{URL: "http://interaction.example", HasToken: true}
		}},
		"little memory": {"memory", doctor.Warning, func(f *doctor.Facts) { f.Machine = doctor.Machine{Memory: 200 << 20, Limit: 64 << 20} }},
		"no HSTS":       {"settings", doctor.Warning, func(f *doctor.Facts) { f.Settings.PublicURL = "https://qm.example" }},
		"a page over http": {"settings", doctor.Warning, func(f *doctor.Facts) {
			f.Settings.Origins = []string{"http://app.example"}
		}},
		"a redirect that the console may not follow": {"settings", doctor.Warning, func(f *doctor.Facts) {
			f.Settings.Redirect, f.Store.Kind = true, filestore.Bucket
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			facts := sound()
			row.change(&facts)
			for _, result := range doctor.Examine(facts, nil).Results {
				want := doctor.OK
				if result.Check == row.check {
					want = row.status
				}
				if result.Status != want {
					t.Errorf("%s is %s, want %s: %v", result.Check, result.Status, want, result.Problems)
				}
				for _, problem := range result.Problems {
					if problem.What == "" || problem.Fix == "" {
						t.Errorf("%s says %q, to fix: %q", result.Check, problem.What, problem.Fix)
					}
				}
			}
		})
	}
}

func settings(name, value string) func(*doctor.Facts) {
	return func(f *doctor.Facts) { f.Database.Settings = map[string]string{name: value} }
}

func ahead(by time.Duration) func(*doctor.Facts) {
	return func(f *doctor.Facts) { f.Database.Ahead = by }
}

func issuer(address string) func(*doctor.Facts) {
	return func(f *doctor.Facts) { f.Settings.Issuer, f.Provider.Issuer = address, address }
}

// TestEveryCheckIsMade breaks the subjects: what cannot be checked is skipped, and what can is checked all the same.
func TestEveryCheckIsMade(t *testing.T) {
	t.Parallel()
	facts, away := sound(), errors.New("away")
	facts.Database, facts.Store, facts.Provider = doctor.Database{Err: away}, doctor.Store{Err: away}, doctor.Provider{Err: away}
	facts.Service = doctor.Service{URL: "https://interaction.example", Err: away}
	report := doctor.Examine(facts, nil)
	var names, faults []string
	for _, result := range report.Results {
		names = append(names, result.Check)
		if result.Status == doctor.Fault {
			faults = append(faults, result.Check)
		}
	}
	if !slices.Equal(names, doctor.Names()) {
		t.Errorf("the checks are %v, want %v", names, doctor.Names())
	}
	if want := []string{"database", "file-store", "provider", "interaction-service"}; !slices.Equal(faults, want) {
		t.Errorf("faults are %v, want %v", faults, want)
	}
	if report.Faults != 4 || report.Warnings != 0 || report.Status != doctor.Fault {
		t.Errorf("%d faults, %d warnings, %s", report.Faults, report.Warnings, report.Status)
	}
}

// TestFaultsCannotBeAccepted accepts everything: warnings are shown and do not count, faults stay.
func TestFaultsCannotBeAccepted(t *testing.T) {
	t.Parallel()
	facts := sound()
	facts.Database.Copies.Archives = true
	if report := doctor.Examine(facts, doctor.Names()); report.Status != doctor.OK || report.Warnings != 0 ||
		!slices.ContainsFunc(report.Results, func(r doctor.Result) bool { return r.Status == doctor.Accepted }) {
		t.Errorf("a warning that is accepted: %+v", report)
	}
	facts.Database.ReadOnly = true
	if report := doctor.Examine(facts, doctor.Names()); report.Status != doctor.Fault || report.Faults != 1 {
		t.Errorf("a fault that is accepted: %+v", report)
	}
}

// TestASourceThatHangs has a source that heeds no context, such as a disk that does not answer.
func TestASourceThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		defer close(hang)
		begun := time.Now()
		facts := doctor.Gather(t.Context(), doctor.Sources{
			Database: func(ctx context.Context) doctor.Database { <-ctx.Done(); return doctor.Database{Err: ctx.Err()} },
			Store:    func(context.Context) doctor.Store { <-hang; return doctor.Store{} },
			Provider: func(context.Context) doctor.Provider { return doctor.Provider{Tried: true} },
			Service:  func(context.Context) doctor.Service { <-hang; return doctor.Service{} },
			Machine:  func(context.Context) doctor.Machine { return doctor.Machine{OpenFiles: 7} },
			Contents: func(context.Context) doctor.Contents { return doctor.Contents{} },
		}, 10*time.Second)
		if took := time.Since(begun); took > 12*time.Second {
			t.Errorf("it took %s", took)
		}
		if !errors.Is(facts.Database.Err, context.DeadlineExceeded) || facts.Store.Err == nil || facts.Service.Err == nil ||
			!strings.Contains(facts.Store.Err.Error(), "no answer within 10s") {
			t.Errorf("the facts are %+v", facts)
		}
		if !facts.Provider.Tried || facts.Machine.OpenFiles != 7 {
			t.Error("what answers is lost")
		}
	})
}
