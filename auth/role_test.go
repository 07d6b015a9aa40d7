package auth_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/auth"
)

// The composite roles of the design's section 6.
func TestCompositeRoles(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]auth.Role{
		"DEFAULT_CC_MANAGER": {"INTERACTION_ANONYMIZE", "VIEW_CONVERSATIONS_SCREEN", "INTERACTIONS_AGENT_VIEW",
			"INTERACTIONS_GROUP_VIEW", "INTERACTIONS_FULL_VIEW",
			"VIEW_AUDIT", "MANAGE_DATA_LIFECYCLE", "EDIT_ADMIN_SETTING", "ADD_CALL", "INTERACTIONS_EXPORT_JSON"},
		"DEFAULT_COMPLIANCE_ANALYST": {"INTERACTION_ANONYMIZE", "VIEW_CONVERSATIONS_SCREEN",
			"INTERACTIONS_FULL_VIEW", "VIEW_AUDIT", "MANAGE_DATA_LIFECYCLE"},
		"DEFAULT_SUPERVISOR": {"VIEW_CONVERSATIONS_SCREEN", "INTERACTIONS_GROUP_VIEW"},
		"DEFAULT_AGENT":      {"VIEW_CONVERSATIONS_SCREEN", "INTERACTIONS_AGENT_VIEW"},
		"ADD_CALL":           {"ADD_CALL"},
		"offline_access":     {},
	} {
		if diff := cmp.Diff(want, auth.Expand([]string{name, name})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Without the role for the Explorer the view roles cover nothing; with it each covers its own.
func TestSees(t *testing.T) {
	t.Parallel()
	for bits := range 16 {
		viewer := &auth.Viewer{}
		for i, role := range []auth.Role{auth.RoleViewConversationsScreen, auth.RoleInteractionsFullView,
			auth.RoleInteractionsGroupView, auth.RoleInteractionsAgentView} {
			if bits&(1<<i) != 0 {
				viewer.Roles = append(viewer.Roles, role)
			}
		}
		screen := bits&1 != 0
		all, groups, own := viewer.Sees()
		if all != (screen && bits&2 != 0) || groups != (screen && bits&4 != 0) || own != (screen && bits&8 != 0) {
			t.Errorf("%v sees all %v, groups %v, own %v", viewer.Roles, all, groups, own)
		}
	}
}

func TestTheDemosPeople(t *testing.T) {
	t.Parallel()
	issuer, err := auth.NewDemoIssuer(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	another, err := auth.NewDemoIssuer(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if len(auth.DemoPeople()) != 4 {
		t.Errorf("there are %d people", len(auth.DemoPeople()))
	}
	for _, person := range auth.DemoPeople() {
		token, err := issuer.Token(person.Key)
		if err != nil {
			t.Fatal(err)
		}
		viewer, err := issuer.Verifier().Verify(t.Context(), token)
		if err != nil || viewer.Name != person.Name || viewer.UserID != person.UserID {
			t.Fatalf("%s: %+v, %v", person.Key, viewer, err)
		}
		if diff := cmp.Diff(auth.Expand([]string{person.Role}), viewer.Roles); diff != "" {
			t.Errorf("%s: %s", person.Key, diff)
		}
		if _, err := another.Verifier().Verify(t.Context(), token); err == nil {
			t.Errorf("another demo accepts the token of the %s", person.Key)
		}
	}
}

func TestDemoSignIn(t *testing.T) {
	t.Parallel()
	issuer, err := auth.NewDemoIssuer(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		method, host, as, site string
		status                 int
		part                   string
	}{
		"a script":           {"POST", "127.0.0.1:8080", "manager", "", 200, `{"accessToken":"`},
		"the demo's page":    {"POST", "localhost:8080", "agent", "same-origin", 200, `{"accessToken":"`},
		"IPv6":               {"POST", "[::1]:8080", "agent", "", 200, `{"accessToken":"`},
		"GET":                {"GET", "127.0.0.1:8080", "manager", "", 405, "by POST"},
		"nobody of the four": {"POST", "127.0.0.1:8080", "root", "", 400, "manager, analyst, supervisor or agent"},
		"another site":       {"POST", "127.0.0.1:8080", "manager", "cross-site", 403, "its own site only"},
		"a name of its own":  {"POST", "evil.example", "manager", "", 403, "its own site only"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := httptest.NewRequest(row.method, "/demo/token?as="+row.as, nil)
			request.Host = row.host
			request.Header.Set("Sec-Fetch-Site", row.site)
			recorder := httptest.NewRecorder()
			issuer.Handler().ServeHTTP(recorder, request)
			if recorder.Code != row.status || !strings.Contains(recorder.Body.String(), row.part) ||
				recorder.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%d %s", recorder.Code, recorder.Body)
			}
		})
	}
}

func TestRequire(t *testing.T) {
	t.Parallel()
	issuer, err := auth.NewDemoIssuer(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	manager, _ := issuer.Token("manager")
	agent, _ := issuer.Token("agent")
	for name, row := range map[string]struct {
		authorization []string
		status        int
		code          string
	}{
		"holder":         {[]string{"Bearer " + manager}, 200, ""},
		"lower case":     {[]string{"bearer " + manager}, 200, ""},
		"without":        {[]string{"Bearer " + agent}, 403, "FORBIDDEN"},
		"nobody":         {nil, 401, "UNAUTHENTICATED"},
		"unchecked":      {[]string{"Bearer unchecked"}, 503, "UNAVAILABLE"},
		"another scheme": {[]string{"Basic YTpi"}, 401, "UNAUTHENTICATED"},
		"two headers":    {[]string{"Bearer " + manager, "Bearer " + agent}, 401, "UNAUTHENTICATED"},
		"a broken token": {[]string{"Bearer " + manager + "x"}, 401, "UNAUTHENTICATED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			told := ""
			next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
			refused := func(_ *http.Request, _ *auth.Viewer, code string) { told = code }
			verify := func(ctx context.Context, raw string) (*auth.Viewer, error) {
				if raw == "unchecked" {
					return nil, &auth.Error{Reason: auth.ReasonUnavailable}
				}
				return issuer.Verifier().Verify(ctx, raw)
			}
			handler := auth.Middleware(verify)(auth.Require(auth.RoleAddCall, refused, next))
			request := httptest.NewRequest(http.MethodPost, "/import", nil)
			request.Header["Authorization"] = row.authorization
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, request)
			var body struct {
				Error struct{ Code, Message string }
			}
			_ = json.Unmarshal(recorder.Body.Bytes(), &body)
			if recorder.Code != row.status || body.Error.Code != row.code || told != row.code {
				t.Errorf("%d %s, told %q", recorder.Code, recorder.Body, told)
			}
			if (recorder.Code == 401) != (recorder.Header().Get("WWW-Authenticate") != "") {
				t.Error("WWW-Authenticate is where it should not be, or the other way round")
			}
			if (recorder.Code == 503) != (recorder.Header().Get("Retry-After") == "5") {
				t.Error("Retry-After is where it should not be, or the other way round")
			}
		})
	}
}
