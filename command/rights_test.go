package command

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qm-compliance/db"
	"qm-compliance/media/interaction/interactiontest"
	"qm-compliance/postgres/postgrestest"
)

// owned is an empty database that belongs to a role which is no superuser, and its addresses.
type owned struct {
	super, owner, server, role string
}

func newOwned(t *testing.T) owned {
	t.Helper()
	super := postgrestest.EmptyURL(t)
	role := fmt.Sprintf("qm_owner_%d_%s", os.Getpid(), strings.ToLower(t.Name()[len(t.Name())-8:]))
	pool, _, err := db.Connect(t.Context(), super)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	address, err := url.Parse(super)
	if err != nil {
		t.Fatal(err)
	}
	database := strings.TrimPrefix(address.Path, "/")
	for _, statement := range []string{
		"CREATE ROLE " + role + " LOGIN PASSWORD 'owner'", "ALTER DATABASE " + database + " OWNER TO " + role,
		"REVOKE ALL ON DATABASE " + database + " FROM PUBLIC",
		"GRANT CONNECT ON DATABASE " + database + " TO " + postgrestest.ServerRole,
	} {
		if _, err := pool.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		for _, statement := range []string{"REASSIGN OWNED BY " + role + " TO CURRENT_USER", "DROP OWNED BY " + role, "DROP ROLE " + role} {
			if _, err := pool.Exec(t.Context(), statement); err != nil && t.Context().Err() == nil {
				t.Error(err)
			}
		}
	})
	address.User = url.UserPassword(role, "owner")
	return owned{super, address.String(), postgrestest.AsServer(super), role}
}

// Migrations by an owner who is no superuser; everything else by a role that has a server's rights alone:
// serving with imports, anonymizing, protection, export and the outbox, the Delete tool, the command import.
// Purging is the owner's.
func TestARoleWithAServersRightsDoesEverything(t *testing.T) {
	t.Parallel()
	o := newOwned(t)
	service, provider := interactiontest.New(t), newIssuer(t)
	media := filepath.Join(t.TempDir(), "media")
	as := func(address string, arguments ...string) (int, string) {
		t.Helper()
		status, out, said := command(t, append(arguments, "--database-url", address, "--media-url", media,
			"--interaction-service-url", service.URL())...)
		return status, out + said
	}
	if status, said := as(o.server, "export"); status != 1 || !strings.Contains(said, "migrate") {
		t.Errorf("before migrating: %d %s", status, said)
	}
	if status, said := as(o.server, "migrate"); status != 1 || !strings.Contains(said, "migrate as the owner of the database") {
		t.Errorf("migrating as the server's role: %d %s", status, said)
	}
	if status, said := as(o.owner, "migrate"); status != 0 {
		t.Fatal(status, said)
	}
	if status, said := as(o.server, "export"); status != 1 || !strings.Contains(said, "run qm-compliance migrate --grant qm_test_server") {
		t.Errorf("before granting: %d %s", status, said)
	}
	for range 2 {
		if status, said := as(o.owner, "migrate", "--grant", postgrestest.ServerRole); status != 0 ||
			!strings.Contains(said, "granted to qm_test_server") {
			t.Fatal(status, said)
		}
	}
	if status, said := as(o.server, "migrate"); status != 0 || !strings.Contains(said, "current") {
		t.Errorf("asking whether all is current: %d %s", status, said)
	}
	var log output
	address := startServeLogging(t, &log, "--database-url", o.server, "--media-url", media, "--interaction-service-url",
		service.URL(), "--oidc-issuer", provider.URL, "--excess-rights", "refuse", "--audit-views")
	token := provider.token("qm-compliance", "DEFAULT_CC_MANAGER", "ADD_CALL")
	ask := func(path, body, part string) string {
		t.Helper()
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, address+path, strings.NewReader(body))
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Authorization", "Bearer "+token)
		status, text := fetchText(t, request)
		if status != 200 || !strings.Contains(text, part) || strings.Contains(text, `"errors"`) {
			t.Errorf("%s: %d %s", body, status, text)
		}
		return text
	}
	for i := range 2 {
		ask("/import", strings.ReplaceAll(strings.Replace(tripOne, "$", fmt.Sprint(i), 2), "\n", ""), `"added":1`)
	}
	const list = `{ conversations { nodes { id media { id } } } }`
	first := strings.Split(ask("/graphql", graphQL(list), `"media"`), `"id":"`)
	conversation, file := first[1][:strings.Index(first[1], `"`)], first[2][:strings.Index(first[2], `"`)]
	ask("/graphql", graphQL(`{ conversation(id: "`+conversation+`") { id } }`), conversation)
	ask("/graphql", graphQL(`{ exportConversation(id: "`+conversation+`") }`), `"vcon"`)
	ask("/graphql", graphQL(`mutation { protectMedia(input: {mediaFileIds: ["`+file+`"], reason: MIFID}) { userErrors { code } } }`), `[]`)
	ask("/graphql", graphQL(`mutation { releaseMedia(input: {mediaFileIds: ["`+file+`"]}) { userErrors { code } } }`), `[]`)
	ask("/graphql", graphQL(`mutation { stageComplianceSettings(input: {basicData: {mediaFiles: true}}) { userErrors { code } } }`), `[]`)
	ask("/graphql", graphQL(`mutation { saveComplianceSettings(input: {baseVersion: 1, basicData: {mediaFiles: true}}) { userErrors { code } } }`), `[]`)
	ask("/graphql", graphQL(`mutation { anonymizeConversations(input: {conversationIds: ["`+conversation+`"]}) { userErrors { code } } }`), `[]`)
	if sent, err := service.WaitFor(t.Context(), 1); err != nil || len(sent) != 1 {
		t.Errorf("the Interaction service got %v, %v", sent, err)
	}
	if status, said := as(o.server, "delete-media"); status != 0 || !strings.Contains(said, "1 media files deleted") {
		t.Errorf("delete-media: %d %s", status, said)
	}
	dir := t.TempDir()
	if status, said := as(o.server, "export", "--output", filepath.Join(dir, "all")); status != 0 {
		t.Errorf("export: %d %s", status, said)
	}
	if status, said := as(o.server, "import", filepath.Join(dir, "all")); status != 0 {
		t.Errorf("import: %d %s", status, said)
	}
	ask("/graphql", graphQL(`{ auditOperations { nodes { id } } }`), `"id"`)
	for _, arguments := range [][]string{{"purge"}, {"purge", "--plan"}, {"purge", "--locked"}} {
		status, said := as(o.server, arguments...)
		if status != 1 || !strings.Contains(said, "as the owner of the tables") || strings.Contains(said, "deleting") {
			t.Errorf("%v by the server's role: %d %s", arguments, status, said)
		}
	}
	if status, said := as(o.owner, "purge"); status != 2 || !strings.Contains(said, "this account may not") {
		t.Errorf("purge by the owner: %d %s", status, said)
	}
	if strings.Contains(log.String(), "level=ERROR") || strings.Contains(log.String(), "can change the audit log") {
		t.Errorf("serve logged %s", log.String())
	}
}

// serve warns of a role that can change the audit log, or refuses, and says what to do.
func TestServeWithARoleThatCanChangeTheAuditLog(t *testing.T) {
	t.Parallel()
	o := newOwned(t)
	provider := newIssuer(t)
	if status, _, said := command(t, "migrate", "--database-url", o.owner); status != 0 {
		t.Fatal(said)
	}
	for name, address := range map[string]string{"it is a superuser": o.super, "it owns tables": o.owner} {
		status, _, said := command(t, "serve", "--database-url", address, "--listen", "127.0.0.1:0", "--oidc-issuer",
			provider.URL, "--excess-rights", "refuse", "--media-url", "mem://")
		if status != 1 || !strings.Contains(said, name) || !strings.Contains(said, "migrate --grant ROLE") {
			t.Errorf("%s: %d %s", name, status, said)
		}
		var log output
		startServeLogging(t, &log, "--database-url", address, "--oidc-issuer", provider.URL, "--media-url", "mem://")
		if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), name) {
			t.Errorf("%s: serve logged %s", name, log.String())
		}
	}
}
