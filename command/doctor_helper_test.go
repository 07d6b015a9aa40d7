package command

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"qm-compliance/doctor"
	"qm-compliance/media/filestore"
	"qm-compliance/media/interaction/interactiontest"
	"qm-compliance/postgres"
)

// secret stands in every credential of a patient; doctor must not print it.
const secret = "canary-of-the-doctor"

// hospital has a PostgreSQL of its own, set up well, with a sound database to copy.
type hospital struct {
	server *postgres.Server
	copies atomic.Int64
	issuer *issuer
}

// role is the account that serves: it owns nothing.
const role = "qm_serve"

func newHospital(t *testing.T, settings map[string]string) *hospital {
	t.Helper()
	server, err := postgres.Start(t.Context(), postgres.Options{Dir: newDataDir(t), Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	h := &hospital{server: server, issuer: newIssuer(t)}
	h.exec(t, server.URL(), "CREATE ROLE "+role+" LOGIN")
	if status, _, errors := command(t, "migrate", "--database-url", server.URL(), "--grant", role); status != 0 {
		t.Fatal(errors)
	}
	return h
}

func (h *hospital) exec(t *testing.T, address string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, statement := range statements {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(statement, err)
		}
	}
}

// at is the address of a database, for an account.
func (h *hospital) at(t *testing.T, database, account string) string {
	t.Helper()
	address, err := url.Parse(h.server.URL())
	if err != nil {
		t.Fatal(err)
	}
	address.Path = "/" + database
	if account != "" {
		address.User = url.UserPassword(account, secret)
	}
	return address.String()
}

// patient is a sound installation of its own, in which a test breaks something.
type patient struct {
	*hospital
	name    string // of the database
	folder  string // of recordings
	service *interactiontest.Service
	flags   map[string]string
	claims  map[string]any // of the token
	more    []string       // arguments
}

func (h *hospital) newPatient(t *testing.T) *patient {
	t.Helper()
	p := &patient{hospital: h, name: fmt.Sprintf("patient_%d", h.copies.Add(1)), folder: filepath.Join(t.TempDir(), "media")}
	h.exec(t, h.server.AdminURL(), "CREATE DATABASE "+p.name+" TEMPLATE qm_compliance STRATEGY file_copy")
	p.keep(t, p.folder)
	p.service = interactiontest.New(t)
	p.flags = map[string]string{
		"database-url": h.at(t, p.name, role), "media-url": p.folder, "oidc-issuer": h.issuer.URL,
		"interaction-service-url": p.service.URL(), "interaction-service-token": secret,
	}
	p.claims = map[string]any{
		"groups": []string{"billing"}, "preferred_username": "una",
		"realm_access": map[string]any{"roles": []string{"DEFAULT_CC_MANAGER"}},
	}
	return p
}

// keep makes a store, and has the database remember it.
func (p *patient) keep(t *testing.T, address string) {
	t.Helper()
	files, err := filestore.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = files.Close() }()
	err = files.VerifyIdentity(t.Context(), func(_ context.Context, id string) (string, error) {
		p.run(t, "DELETE FROM installation", "INSERT INTO installation VALUES ('media-store', '"+id+"')")
		return id, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// run runs statements on the patient's database as a superuser.
func (p *patient) run(t *testing.T, statements ...string) {
	t.Helper()
	p.exec(t, p.at(t, p.name, ""), statements...)
}

// arguments are the command line of doctor.
func (p *patient) arguments(t *testing.T, more ...string) []string {
	t.Helper()
	token := filepath.Join(t.TempDir(), "token")
	audience, is := p.claims["aud"].(string)
	if !is {
		audience = "qm-compliance"
	}
	if err := os.WriteFile(token, []byte(p.issuer.tokenWith(audience, p.claims)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	arguments := []string{"doctor", "--quiet", "--token", token}
	for name, value := range p.flags {
		arguments = append(arguments, "--"+name, value)
	}
	return append(append(arguments, p.more...), more...)
}

// examine runs doctor, and returns its report and exit status.
func (p *patient) examine(t *testing.T) (doctor.Report, int) {
	t.Helper()
	status, out, errors := command(t, p.arguments(t, "--json")...)
	if strings.Contains(out+errors, secret) {
		t.Errorf("it prints a secret: %s%s", out, errors)
	}
	var report doctor.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("%v\n%s%s", err, out, errors)
	}
	return report, status
}

// hasRecordings imports two, as the account that serves.
func (p *patient) hasRecordings(t *testing.T) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "call.json")
	if err := os.WriteFile(file, []byte(tripCall), 0o600); err != nil {
		t.Fatal(err)
	}
	status, _, errors := command(t, "import", "--quiet", "--database-url", p.flags["database-url"], "--media-url",
		p.flags["media-url"], file)
	if status != 0 {
		t.Fatal(errors)
	}
}

// recording is the path of one in the folder.
func (p *patient) recording(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(p.folder, "2*", "*"))
	if err != nil || len(found) == 0 {
		t.Fatal("there is no recording in the folder", err)
	}
	return found[0]
}

// misdated answers as another server, at another time.
func misdated(t *testing.T, inner http.Handler, date string) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", date)
		inner.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server
}
