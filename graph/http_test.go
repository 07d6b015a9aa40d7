package graph_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"qm-compliance/auth"
	"qm-compliance/graph"
)

// asked is an HTTP request to /graphql.
type asked struct {
	as, method, query, contentType, accept, body string
}

func (a *api) request(t *testing.T, q asked) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), q.method, "/graphql"+q.query, strings.NewReader(q.body))
	request.Header.Set("Content-Type", q.contentType)
	request.Header.Set("Accept", q.accept)
	if authorization := a.authorization(t, q.as); authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	recorder := httptest.NewRecorder()
	a.ServeHTTP(recorder, request)
	return recorder
}

// What is no GraphQL request is told how it would be one, and nothing but a query comes by GET.
func TestTransport(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	get := func(query string) asked {
		return asked{method: http.MethodGet, query: "?query=" + url.QueryEscape(query), accept: "application/graphql-response+json"}
	}
	post := func(contentType, accept, body string) asked {
		return asked{method: http.MethodPost, contentType: contentType, accept: accept, body: body}
	}
	const json, newer = "application/json", "application/graphql-response+json"
	for name, row := range map[string]struct {
		asked
		status int
		part   string
	}{
		"query by GET":          {get(`{ __typename }`), 200, `{"data":{"__typename":"Query"}}`},
		"variables by GET":      {asked{method: "GET", query: "?query=" + url.QueryEscape(`query($n:Int){conversations(first:$n){nodes{id}}}`) + `&variables={"n":1}`}, 200, `"nodes":[{`},
		"bad variables":         {asked{method: "GET", query: "?query={viewer{userId}}&variables=12345678"}, 400, "variables is not an object"},
		"twice by GET":          {asked{method: "GET", query: "?query={viewer{userId}}&query={viewer{name}}"}, 400, "once"},
		"mutation by GET":       {get(`mutation { resetComplianceSettings { settings { version } } }`), 405, "by POST"},
		"mutation of two":       {asked{method: "GET", query: "?operationName=m&query=" + url.QueryEscape(`query q { viewer { userId } } mutation m { resetComplianceSettings { settings { version } } }`)}, 405, "by POST"},
		"subscription by GET":   {get(`subscription { complianceSettingsChanged { version } }`), 400, "use WebSocket"},
		"empty GET":             {asked{method: "GET"}, 400, "query is missing"},
		"subscription":          {post(json, newer, `{"query": "subscription { complianceSettingsChanged { version } }"}`), 400, "use WebSocket"},
		"subscription, SSE":     {post(json, "text/event-stream", `{"query": "subscription { complianceSettingsChanged { version } }"}`), 400, "use WebSocket"},
		"PUT":                   {asked{method: http.MethodPut, contentType: json, body: "{}"}, 405, "by POST"},
		"HEAD":                  {asked{method: http.MethodHead}, 405, ""},
		"DELETE":                {asked{method: http.MethodDelete}, 405, "by POST"},
		"form":                  {post("text/plain", "", "{}"), 415, json},
		"urlencoded":            {post("application/x-www-form-urlencoded", "", "query={viewer{userId}}"), 415, json},
		"multipart":             {post("multipart/form-data; boundary=x", "", "--x--"), 415, json},
		"utf-16":                {post(json+"; charset=utf-16", "", `{"query": "{ viewer { userId } }"}`), 415, "utf-8"},
		"UTF-8":                 {post(json+"; charset=UTF-8", "*/*", `{"query": "{ __typename }"}`), 200, `{"data":{"__typename":"Query"}}`},
		"no JSON":               {post(json, "", "{\"secret\": 12345678"), 400, "not a GraphQL request"},
		"a list":                {post(json, "", `[{"query": "{ viewer { userId } }"}]`), 400, "not a GraphQL request"},
		"two requests":          {post(json, "", `{"query": "{ viewer { userId } }"} {}`), 400, "not a GraphQL request"},
		"member twice":          {post(json, "", `{"query": "{ viewer { userId } }", "query": "{ viewer { name } }"}`), 400, "each member once"},
		"member twice, escaped": {post(json, "", `{"query": "{ viewer { userId } }", "qu\u0065ry": "{ viewer { name } }"}`), 400, "each member once"},
		"variable twice":        {post(json, "", `{"query": "{ __typename }", "variables": {"a": 1, "a": 2}}`), 400, "each member once"},
		"variable twice by GET": {asked{method: "GET", query: "?query={viewer{userId}}&variables=" + url.QueryEscape(`{"a":1,"a":2}`)}, 400, "variables is not an object"},
		"no UTF-8":              {post(json, "", "{\"query\": \"{ __typename } #\xff\"}"), 400, "not a GraphQL request"},
		"other case":            {post(json, newer, `{"QUERY": "{ viewer { userId } }"}`), 400, "query is missing"},
		"query is no text":      {post(json, "", `{"query": 12345678}`), 400, "query is not a text"},
		"name is no text":       {post(json, "", `{"query": "{ viewer { userId } }", "operationName": {}}`), 400, "operationName is not a text"},
		"variables is a list":   {post(json, "", `{"query": "{ viewer { userId } }", "variables": []}`), 400, "variables is not an object"},
		"nulls":                 {post(json, "", `{"query": "{ __typename }", "operationName": null, "variables": null, "extensions": null}`), 200, "Query"},
		"members not known":     {post(json, "", `{"query": "{ __typename }", "id": 7}`), 200, "Query"},
		"no query":              {post(json, newer, "{}"), 400, "query is missing"},
		"which operation":       {post(json, newer, `{"query": "query a { viewer { userId } } query b { viewer { userId } }"}`), 400, "has 2 operations; name one"},
		"no such operation":     {post(json, newer, `{"query": "query a { viewer { userId } }", "operationName": "b"}`), 400, `no operation \"b\"`},
		"fragments alone":       {post(json, newer, `{"query": "fragment f on Viewer { id }"}`), 400, "no operation"},
		"broken query":          {post(json, "", `{"query": "{"}`), 200, "INVALID"},
		"newer type":            {post(json, newer, `{"query": "{"}`), 400, "INVALID"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row.as = "manager"
			got := a.request(t, row.asked)
			if got.Code != row.status || !strings.Contains(got.Body.String(), row.part) {
				t.Errorf("%d %s", got.Code, got.Body)
			}
			if strings.Contains(got.Body.String(), "12345678") {
				t.Error("the answer repeats the request")
			}
			if got.Code == 405 && got.Header().Get("Allow") == "" {
				t.Error("the answer does not say what is allowed")
			}
			if got.Header().Get("X-Content-Type-Options") != "nosniff" || got.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("the headers are %v", got.Header())
			}
		})
	}
}

// Who is not signed in is refused whatever the request is: nothing of it is read, parsed, kept or audited by itself.
func TestNobodyGetsNothing(t *testing.T) {
	t.Parallel()
	meter := newMeter()
	a := newAPI(t, func(o *graph.Options) { o.Meter = meter })
	const json = "application/json"
	rows := map[string]asked{
		"query":         {method: "POST", contentType: json, body: `{"query": "{ viewer { userId } }"}`},
		"typename":      {method: "POST", contentType: json, body: `{"query": "{ __typename }"}`},
		"introspection": {method: "POST", contentType: json, body: `{"query": "{ __schema { types { name } } }"}`},
		"mutation":      {method: "POST", contentType: json, body: `{"query": "mutation { resetComplianceSettings { settings { version } } }"}`},
		"many fields":   {method: "POST", contentType: json, body: `{"query": "mutation {` + strings.Repeat("a: resetComplianceSettings { __typename } ", 700) + `}"}`},
		"no syntax":     {method: "POST", contentType: json, body: `{"query": "{{{"}`},
		"no JSON":       {method: "POST", contentType: json, body: `{`},
		"no media type": {method: "POST", body: `{`},
		"large":         {method: "POST", contentType: json, body: strings.Repeat("x", 2<<20)},
		"GET":           {method: "GET", query: "?query={viewer{userId}}"},
		"junk token":    {as: "junk", method: "POST", contentType: json, body: `{"query": "{ viewer { userId } }"}`},
	}
	before := a.statements.count.Load()
	for name, row := range rows {
		got := a.request(t, row)
		if got.Code != http.StatusUnauthorized || !strings.Contains(got.Body.String(), "UNAUTHENTICATED") || strings.Contains(got.Body.String(), `"data"`) {
			t.Errorf("%s: %d %s", name, got.Code, got.Body)
		}
		challenge := "Bearer"
		if row.as == "junk" {
			challenge = `Bearer error="invalid_token"`
		}
		if got.Header().Get("WWW-Authenticate") != challenge {
			t.Errorf("%s: the headers are %v", name, got.Header())
		}
	}
	if took := a.statements.count.Load() - before; took != 0 {
		t.Errorf("refusing nobody took %d statements", took)
	}
	if got := meter.refused("unauthenticated"); got != len(rows) {
		t.Errorf("%d refusals are counted, want %d", got, len(rows))
	}
	a.refused.Flush(t.Context())
	if got := a.denied(t); len(got) != 1 || got[0] != "not signed in, from 192.0.2.1: graphql UNAUTHENTICATED 11" {
		t.Errorf("the audit log has %q", got)
	}
}

// unchecked is an API whose tokens cannot be checked.
func unchecked(o *graph.Options) {
	o.Verify = func(context.Context, string) (*auth.Viewer, error) {
		return nil, &auth.Error{Reason: auth.ReasonUnavailable}
	}
}

// A token that cannot be checked, because the provider is away, is neither good nor bad: its holder is told to
// try again, gets nothing done, and is not audited.
func TestATokenThatCannotBeChecked(t *testing.T) {
	t.Parallel()
	for _, open := range []graph.Introspection{graph.IntrospectionSignedIn, graph.IntrospectionEverybody} {
		meter := newMeter()
		a := newAPI(t, unchecked, func(o *graph.Options) { o.Meter, o.Introspection = meter, open })
		before := a.statements.count.Load()
		for _, row := range []asked{
			{as: "x", method: "POST", contentType: "application/json", body: `{"query": "{ viewer { userId } }"}`},
			{as: "x", method: "POST", contentType: "application/json", body: `{"query": "mutation { resetComplianceSettings { __typename } }"}`},
			{as: "x", method: "GET", query: "?query={viewer{userId}}"},
		} {
			got := a.request(t, row)
			if got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") != "5" ||
				!strings.Contains(got.Body.String(), `"code":"UNAVAILABLE"`) || got.Header().Get("WWW-Authenticate") != "" {
				t.Errorf("%s, %s %s: %d %v %s", open, row.method, row.body, got.Code, got.Header(), got.Body)
			}
		}
		code, reason := dial(t, a.Handler, "Bearer x").closed()
		if code != websocket.StatusTryAgainLater || !strings.Contains(reason, "identity provider") {
			t.Errorf("%s: the socket is closed with %d %s", open, code, reason)
		}
		if took := a.statements.count.Load() - before; took != 0 || meter.refused("provider") != 4 {
			t.Errorf("%s: %d statements, counted: %v", open, took, meter.refusals)
		}
		a.refused.Flush(t.Context())
		if got := a.denied(t); len(got) != 0 {
			t.Errorf("%s: the audit log has %q", open, got)
		}
	}
}

// The schema is for those who are signed in, for everybody or for nobody, as the server is told; everything else stays closed.
func TestIntrospection(t *testing.T) {
	t.Parallel()
	const schema, kind, name = `{ __schema { types { name } } }`, `{ __type(name: "Query") { name } }`, `{ __typename }`
	const mixed = `{ __schema { types { name } } viewer { userId } }`
	const inFragment = `query { ...f } fragment f on Query { viewer { userId } }`
	for _, row := range []struct {
		to              graph.Introspection
		as, query, code string
	}{
		{graph.IntrospectionSignedIn, "manager", schema, ""}, {graph.IntrospectionSignedIn, "nobody", schema, "UNAUTHENTICATED"},
		{graph.IntrospectionSignedIn, "nobody", name, "UNAUTHENTICATED"},
		{graph.IntrospectionOff, "manager", schema, "INVALID"}, {graph.IntrospectionOff, "manager", kind, "INVALID"},
		{graph.IntrospectionOff, "manager", name, ""}, {graph.IntrospectionOff, "nobody", schema, "UNAUTHENTICATED"},
		{graph.IntrospectionEverybody, "nobody", schema, ""}, {graph.IntrospectionEverybody, "nobody", kind, ""},
		{graph.IntrospectionEverybody, "nobody", name, ""}, {graph.IntrospectionEverybody, "nobody", mixed, "UNAUTHENTICATED"},
		{graph.IntrospectionEverybody, "nobody", inFragment, "UNAUTHENTICATED"},
		{graph.IntrospectionEverybody, "nobody", `{ viewer { userId } }`, "UNAUTHENTICATED"},
		{graph.IntrospectionEverybody, "nobody", `subscription { __typename }`, "UNAUTHENTICATED"},
		{graph.IntrospectionEverybody, "nobody", `mutation { __typename }`, "UNAUTHENTICATED"},
		{graph.IntrospectionEverybody, "manager", mixed, ""},
	} {
		t.Run(string(row.to)+", "+row.as+": "+row.query, func(t *testing.T) {
			t.Parallel()
			a := newEmptyAPI(t, func(o *graph.Options) { o.Introspection = row.to })
			if got := a.do(t, row.as, row.query, nil); got.code() != row.code {
				t.Errorf("the answer is %+v", got)
			}
		})
	}
}
