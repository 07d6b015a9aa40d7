//go:build attack

package command

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/coreos/go-oidc/v3/oidc/oidctest"
)

func attacks() []attack { return append(append(ofStrangers(), onConnections()...), ofPeople()...) }

const megabyte = 1 << 20

// ofStrangers are those without a token that work by what is sent.
func ofStrangers() []attack {
	comment := func(i int) string { return fmt.Sprintf(`{__typename}#%d%s`, i, strings.Repeat("x", megabyte-100)) }
	repeats := func(i int) string { return fmt.Sprintf("#%d\n{%s}", i, strings.Repeat("__typename ", 4_990)) }
	return []attack{
		{"a mutation of 700 aliases", true, repeated(200, nobody, always("mutation{"+aliases(700, "resetComplianceSettings{__typename}")+"}")), "200"},
		{"imports", true, posts(300, "/import", nil, "{}"), "200"},
		{"documents of 1 MB, each of its own", true, repeated(400, nobody, comment), "200"},
		{"5,000 times the same field", true, repeated(50, nobody, repeats), "200"},
		{"60,000 brackets", true, repeated(50, nobody, always(strings.Repeat("{a", 60_000))), "200"},
		{"fragments that name each other", true, repeated(50, nobody, always(`{...a} fragment a on Query{...b} fragment b on Query{...a}`)), "200"},
		{"unknown fields, each in an error", true, repeated(50, nobody, always("{"+aliases(4_900, "nope")+"}")), "200"},
		{"the schema", true, repeated(50, nobody, always(`{__schema{types{name fields{name type{name}}}}}`)), "200"},
		{"subscriptions by POST", true, posts(50, "/graphql", []string{"Accept", "text/event-stream"}, graphQL("subscription{complianceSettingsChanged{version}}")), "200"},
		{"lists of operations", true, posts(50, "/graphql", nil, "["+strings.Repeat(`{"query":"{__typename}"},`, 10_000)+"{}]"), "200"},
		{"deep JSON", true, posts(50, "/graphql", nil, strings.Repeat("[", megabyte)), "200"},
		{"queries by GET", true, method(300, http.MethodGet, "/graphql?query={viewer{userId}}"), "200 "},
		{"other methods on every route", true, everyMethod, "200 x"},
		{"links to recordings", true, method(500, http.MethodGet, "/media/"+strings.Repeat("A", 500)), "200"},
		{"paths that do not exist", true, method(500, http.MethodGet, "/%2e%2e/%2e%2e/etc/passwd"), "200"},
		{"tokens that nobody signed", true, forged, "200"},
		{"a gzip of 1 GB to import", true, posts(3, "/import", nil, string(packed("", "\n", 1_000_000_000, ""))), "200"},
	}
}

// onConnections are those without a token that work by how it is sent.
func onConnections() []attack {
	const post = " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
	silent := func(_ *attacker, conn *websocket.Conn) string { return closed(conn) }
	large := func(_ *attacker, conn *websocket.Conn) string {
		_ = conn.Write(context.Background(), websocket.MessageText, bytes.Repeat([]byte(" "), megabyte-1))
		return closed(conn)
	}
	unsigned := func(_ *attacker, conn *websocket.Conn) string {
		_ = conn.Write(context.Background(), websocket.MessageText, []byte(`{"type":"connection_init"}`))
		return closed(conn)
	}
	return []attack{
		{"silent connections", true, raws(500, "", ""), "open"},
		{"headers, letter by letter", true, raws(200, "GET / HTTP/1.1\r\nA: ", "a"), "open"},
		{"headers of 60 KB without an end", true, raws(500, "GET / HTTP/1.1\r\nA: "+strings.Repeat("a", 60_000), ""), "open"},
		{"headers of 2 MB", true, raws(50, "GET / HTTP/1.1\r\nA: "+strings.Repeat("a", 2*megabyte)+"\r\n\r\n", ""), "open"},
		{"bodies for /graphql, letter by letter", true, raws(50, "POST /graphql"+post, "a"), "open"},
		{"bodies for /import, letter by letter", true, raws(50, "POST /import"+post, "a"), "open"},
		{"bodies for /healthz, letter by letter", true, raws(50, "POST /healthz"+post, "a"), "open"},
		{"bodies for /media, letter by letter", true, raws(50, "GET /media/x"+post, "a"), "open"},
		{"bodies for the console, letter by letter", true, raws(50, "GET /"+post, "a"), "open"},
		{"idle connections after an answer", true, raws(200, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", ""), "open"},
		{"sockets that say nothing", true, sockets(700, nobody, silent), "open"},
		{"sockets that sign in without a token", true, sockets(300, nobody, unsigned), "open"},
		{"sockets with a first message of 1 MB", true, sockets(300, nobody, large), "open"},
	}
}

// ofPeople are those of people who are signed in.
func ofPeople() []attack {
	messages := `{conversations(first:100){nodes{segments{` + aliases(60, "messages { nodes { text author { name } } }") + `}}}}`
	counts := `{` + aliases(180, `conversations(filter:{participantPhone:"1"}){totalCount}`) + `}`
	many := func(part string) func(*attacker) map[string]int {
		return zipped(vconHead+`,`+part+`:[`, "{},", 7_000_000, "{}]}")
	}
	return []attack{
		{"60 times the messages of a page, as an agent", false, repeated(40, agent, always(messages)), ""},
		{"60 times the messages of a page, as a manager", false, repeated(40, manager, always(messages)), ""},
		{"answers that nobody reads", false, unread, "open"},
		{"30 exports in one operation", false, exports, "200 x"},
		{"exports as large as they may be", false, largeExports, "cut off"},
		{"180 totals", false, repeated(40, manager, always(counts)), ""},
		{"5,000 subscriptions on a socket", false, subscribing, ""},
		{"50 sockets of a person", false, sockets(50, manager, func(_ *attacker, conn *websocket.Conn) string { return "open" }), ""},
		{"mutations that a person may not, 500 times", false, repeated(500, agent, always(`mutation{resetComplianceSettings{__typename}}`)), ""},
		{"a mutation of 700 aliases", false, repeated(10, agent, always("mutation{"+aliases(700, "resetComplianceSettings{__typename}")+"}")), ""},
		{"a subscription by POST", false, repeated(20, manager, always(`subscription{complianceSettingsChanged{version}}`)), "cut off"},
		{"a subscription of two", false, repeated(20, manager, always(`subscription{a:complianceSettingsChanged{version} b:complianceSettingsChanged{version}}`)), "INTERNAL"},
		{"a key of 500 KB in an error", false, repeated(20, manager, always(`{`+strings.Repeat("k", 50_000)+`}`)), ""},
		{"bodies of people, letter by letter", false, slowly, "open"},
		{"20 imports at once", false, importsAtOnce, "cut off"},
		{"7 million attachments in 20 KB", false, many(`"attachments"`), ""},
		{"7 million analyses in 20 KB", false, many(`"analysis"`), ""},
		{"7 million groups in 20 KB", false, many(`"group"`), ""},
		{"7 million unknown things in 20 KB", false, many(`"other"`), ""},
		{"7 million numbers in 20 KB", false, zipped(vconHead+`,"attachments":[`, "0,", 7_000_000, "0]}"), ""},
		{"7 million lists in 20 KB", false, zipped(vconHead+`,"attachments":[`, "[],", 7_000_000, "[]]}"), ""},
		{"1 GB of line breaks in 1 MB", false, zipped("", "\n", 1_000_000_000, ""), ""},
		{"10 million lines that are no vCon", false, zipped("", "{}\n", 10_000_000, ""), ""},
		{"1 GB of zeros in a line", false, zipped("", "0", 1_000_000_000, ""), ""},
	}
}

func posts(n int, path string, fields []string, body string) func(*attacker) map[string]int {
	return func(a *attacker) map[string]int {
		return atOnce(n, 8, func(int) string { return outcome(a.post(path, "", strings.NewReader(body), fields...)) })
	}
}

func method(n int, method, path string) func(*attacker) map[string]int {
	return func(a *attacker) map[string]int {
		return atOnce(n, 8, func(int) string { return outcome(a.send(method, path, "", nil)) })
	}
}

func everyMethod(a *attacker) map[string]int {
	paths := []string{"/", "/graphql", "/graphiql", "/import", "/media/x", "/healthz", "/readyz", "/metrics", "/demo/token"}
	methods := []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "HEAD"}
	return atOnce(len(paths)*len(methods), 8, func(i int) string {
		return outcome(a.send(methods[i%len(methods)], paths[i/len(methods)], "", nil))
	})
}

// forged sends tokens of unknown keys and of known ones with a wrong signature.
func forged(a *attacker) map[string]int {
	other := newIssuer(a.t)
	return atOnce(500, 8, func(i int) string {
		kid := "one"
		if i%2 == 0 {
			kid = fmt.Sprint("kid-", i)
		}
		claims := fmt.Sprintf(`{"iss":%q,"aud":"qm-compliance","sub":"x","typ":"Bearer","exp":%d}`,
			a.provider.URL, time.Now().Add(time.Hour).Unix())
		token := oidctest.SignIDToken(other.key, kid, oidc.RS256, claims)
		return outcome(a.ask(token, `{viewer{userId}}`))
	})
}

// unread asks for large answers over many connections and reads none of them.
func unread(a *attacker) map[string]int {
	calls := a.ask(a.manager, `{conversations(first:1,filter:{types:[CALL],mediaStatuses:[AVAILABLE]}){nodes{id}}}`)
	_, after, _ := strings.Cut(calls.body, `"id":"`)
	id, _, _ := strings.Cut(after, `"`)
	body := graphQL(fmt.Sprintf(`{ exportConversation(id: %q,includeMedia:true)}`, id))
	if got := a.post("/graphql", a.manager, strings.NewReader(body)); got.status != 200 || len(got.body) < 60_000 {
		a.t.Errorf("the answer that is not to be read: %s", got)
	}
	header := "POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: " +
		fmt.Sprint(len(body)) + "\r\nAuthorization: Bearer "
	return atOnce(20, 20, func(i int) string {
		request := header + a.tokenOf(fmt.Sprint("reader ", i), "DEFAULT_CC_MANAGER") + "\r\n\r\n" + body
		conn, err := a.dial()
		if err != nil {
			return "refused"
		}
		defer func() { _ = conn.Close() }()
		_ = conn.(*net.TCPConn).SetReadBuffer(64 << 10)
		late := time.After(20 * time.Second)
		for ticker := time.NewTicker(20 * time.Millisecond); ; { // one after another on the same connection
			select {
			case <-late:
				return "still open"
			case <-ticker.C:
			}
			if _, err := io.WriteString(conn, request); err != nil {
				return "ended"
			}
		}
	})
}

func exports(a *attacker) map[string]int {
	operation := "{" + aliases(30, fmt.Sprintf(`exportConversation(id: %q,includeMedia:true)`, a.ids[0])) + "}"
	return atOnce(10, 4, func(int) string { return outcome(a.ask(a.manager, operation)) })
}

// largeExports imports a conversation with recordings of as many bytes as one answer may hold, and exports it as
// often at once as a person may; each export that is answered has all of it.
func largeExports(a *attacker) map[string]int {
	const most = 24 * megabyte
	body := `{"vcon":"0.4.0","uuid":"019543da-b5aa-8d63-9dd8-0000000000ff","created_at":"2026-03-01T09:30:00Z",` +
		`"parties":[{"tel":"+420777123456"}],"dialog":[{"type":"recording","start":"2026-03-01T09:30:00Z","parties":[0],` +
		`"mediatype":"audio/wav","encoding":"base64url","body":"` + strings.Repeat("QUJD", most/3) + `"}]}`
	if got := a.post("/import", a.loading, strings.NewReader(body)); got.status != 200 || !strings.Contains(got.body, `"added":1`) {
		a.t.Errorf("the conversation to be exported: %s", got)
	}
	found := a.ask(a.manager, `{conversations(first:1,filter:{startedFrom:"2026-03-01T09:30:00Z",startedTo:"2026-03-01T09:30:01Z"}){nodes{id}}}`)
	_, after, _ := strings.Cut(found.body, `"id":"`)
	id, _, _ := strings.Cut(after, `"`)
	operation := fmt.Sprintf(`{ exportConversation(id: %q,includeMedia:true) }`, id)
	a.forgetPeak() // the import is another attack
	return atOnce(30, 12, func(int) string {
		got := a.ask(a.manager, operation)
		if got.status == 200 && (got.length < most*4/3 || got.length > most*4/3+10_000) {
			return fmt.Sprintf("200 with %d bytes: %.100s", got.length, got.body)
		}
		return outcome(got)
	})
}

// subscribing subscribes to 100 conversations, 5,000 times.
func subscribing(a *attacker) map[string]int {
	ids := `["` + strings.Join(a.ids, `","`) + `"]`
	return sockets(1, manager, func(_ *attacker, conn *websocket.Conn) string {
		go func() {
			for i := range 5_000 {
				message := fmt.Sprintf(`{"id":"%d","type":"subscribe","payload":%s}`, i,
					graphQL(`subscription{conversationChanged(ids:`+ids+`){id}}`))
				if conn.Write(context.Background(), websocket.MessageText, []byte(message)) != nil {
					return
				}
			}
		}()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		for refused := 0; ; {
			_, data, err := conn.Read(ctx)
			if err != nil {
				return fmt.Sprint("closed ", int(websocket.CloseStatus(err)))
			}
			if bytes.Contains(data, []byte(`"error"`)) {
				if refused++; refused == 4_800 {
					return "4,800 refused"
				}
			}
		}
	})(a)
}

// slowly sends bodies of people letter by letter, and looks whether others are served meanwhile.
func slowly(a *attacker) map[string]int {
	header := fmt.Sprintf("POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\n"+
		"Content-Length: 100000\r\n\r\n", a.agent)
	return atOnce(50, 50, func(i int) string {
		if i < 49 {
			return a.raw(header, "a")
		}
		return outcome(a.ask(a.watcher, `{viewer{userId}}`))
	})
}

func importsAtOnce(a *attacker) map[string]int {
	return atOnce(20, 20, func(i int) string {
		body, send := io.Pipe()
		go func() {
			for range 20 {
				if _, err := send.Write([]byte(vconHead + "}\n")); err != nil {
					return
				}
			}
			_ = send.Close()
		}()
		return outcome(a.post("/import", a.tokenOf(fmt.Sprint("p", i/5), "ADD_CALL"), body))
	})
}
