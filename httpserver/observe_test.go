package httpserver

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"qm-compliance/graph"
	"qm-compliance/telemetry"
)

// The id of a request is taken over from a proxy that is trusted, if it is an id and no text.
func TestRequestIDsOfProxies(t *testing.T) {
	t.Parallel()
	const uuid, digits = "7f2e1dc7-9ed5-4acf-86ea-12fdf0555f11", "7f2e1dc79ed54acf86ea12fdf0555f11"
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	for _, row := range []struct {
		proxies  []netip.Prefix
		from, id string
		taken    bool
	}{
		{proxies, "10.1.2.3:4", uuid, true}, {proxies, "10.1.2.3:4", digits, true}, {proxies, "[2001:db8::1]:4", uuid, true},
		{proxies, "[::ffff:10.1.2.3]:4", uuid, true}, {proxies, "[2001:db8::1%eth0]:4", uuid, true},
		{proxies, "11.1.2.3:4", uuid, false}, {proxies, "[::1]:4", uuid, false}, {proxies, "", uuid, false}, {nil, "10.1.2.3:4", uuid, false},
		{proxies, "10.1.2.3:4", "", false}, {proxies, "10.1.2.3:4", "anna-berg", false}, {proxies, "10.1.2.3:4", uuid + "x", false},
		{proxies, "10.1.2.3:4", "x" + uuid, false}, {proxies, "10.1.2.3:4", uuid[1:], false}, {proxies, "10.1.2.3:4", strings.ToUpper(uuid), false},
		{proxies, "10.1.2.3:4", uuid + "\n", false},
	} {
		h := &Handler{
			options: Options{TrustedProxies: row.proxies}, logger: quiet(), meter: newMeter(),
			routes: http.NotFoundHandler(),
		}
		request, answer := httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRecorder()
		request.RemoteAddr = row.from
		request.Header["X-Request-Id"] = []string{row.id}
		h.ServeHTTP(answer, request)
		if got := answer.Header().Get("X-Request-Id"); (got == row.id) != row.taken || got == "" {
			t.Errorf("%q of %s with %v: the request has the id %q", row.id, row.from, row.proxies, got)
		}
	}
}

// A panic is logged with the place, but without its value. It is answered where nothing was sent yet, and cuts the
// connection otherwise.
func TestAPanicIsLoggedWithoutItsValue(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		serve  http.HandlerFunc
		status int // 0: the connection is cut
		logged bool
	}{
		"at once":         {func(http.ResponseWriter, *http.Request) { panic("secret") }, http.StatusInternalServerError, true},
		"amid an answer":  {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("half")); panic("secret") }, 0, true},
		"to be cut":       {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0, false},
		"with no trouble": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }, http.StatusTeapot, false},
	} {
		var log bytes.Buffer
		logger := telemetry.WithFacts(slog.New(slog.NewTextHandler(&log, nil)), graph.LogFacts)
		h := &Handler{logger: logger, meter: newMeter(), routes: row.serve}
		answer, cut := httptest.NewRecorder(), false
		func() {
			defer func() { cut = recover() == http.ErrAbortHandler }()
			h.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
		}()
		id := answer.Header().Get("X-Request-Id")
		if cut != (row.status == 0) || !cut && answer.Code != row.status {
			t.Errorf("%s: the answer is %d, cut: %t", name, answer.Code, cut)
		}
		said := strings.Contains(log.String(), "observe_test.go") && strings.Contains(log.String(), "request="+id)
		if said != row.logged || strings.Contains(log.String()+answer.Body.String(), "secret") {
			t.Errorf("%s: the log is %s", name, &log)
		}
		if answer.Code == http.StatusInternalServerError && !strings.Contains(answer.Body.String(), id) {
			t.Errorf("%s: the answer is %s", name, answer.Body)
		}
	}
}
