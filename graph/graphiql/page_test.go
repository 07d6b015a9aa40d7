package graphiql_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"qm-compliance/graph/graphiql"
)

// What GraphiQL shows, as JavaScript expressions.
const (
	result = `document.querySelector(".result-window .CodeMirror")?.CodeMirror.getValue()`
	editor = `document.querySelector(".graphiql-query-editor .CodeMirror")?.CodeMirror.getValue()`
	// How many schemas GraphiQL has got: the queries that were answered at /graphql, less those that show a result.
	introspections = `performance.getEntriesByType("resource").filter((e) => e.name.endsWith("/graphql")).length - 1`
	status         = `document.querySelector("#status").innerText`
)

// TestInBrowser tries the page in a real browser against a stand-in server.
func TestInBrowser(t *testing.T) {
	t.Parallel()
	browser := startBrowser(t)
	for name, try := range map[string]func(*testing.T, context.Context){
		"the first person is signed in and sees a result": firstPerson,
		"another person is picked":                        anotherPerson,
		"a refused token is renewed":                      refusedToken,
		"a token about to expire is renewed":              expiringToken,
		"a subscription is signed in too":                 subscription,
		"a token is pasted":                               pastedToken,
		"sign-in fails":                                   failedSignIn,
		"menus and dialogs keep to the content policy":    menus,
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); try(t, browser) })
	}
}

func firstPerson(t *testing.T, browser context.Context) {
	server := startStandIn(t, time.Hour, people())
	p := openTab(t, browser, server.URL+graphiql.Path)
	p.await(result, "It is manager")
	if got := p.text(`document.querySelector("label[for=person] + #person").selectedOptions[0].text`); got != "Clara Novak – CC manager" {
		t.Errorf("the picker shows %q", got)
	}
	if got := p.text("location.search"); got != "?as=manager" {
		t.Errorf("the address ends in %q", got)
	}
	if diff := cmp.Diff([]string{"manager"}, server.holders()); diff != "" {
		t.Errorf("whose tokens the requests carried (-want +got):\n%s", diff)
	}
	p.checkQuiet(server.URL)
	p.screenshot("demo")
}

func anotherPerson(t *testing.T, browser context.Context) {
	server := startStandIn(t, time.Hour, people())
	p := openTab(t, browser, server.URL+graphiql.Path)
	p.await(result, "It is manager")
	p.edit("query Mine { viewer { name } }")
	p.run(script(`{ const s = document.querySelector("#person"); s.value = "agent"; s.dispatchEvent(new Event("change")); }`))
	p.await(result+` === ""`, "true") // the result of the person before is gone
	p.await(editor, "query Mine")
	p.await(introspections, "2")
	p.execute()
	p.await(result, "It is agent")
	// What was typed ran when it was told to, and not by itself when the person changed.
	if diff := cmp.Diff([]string{"Overview by manager", "Mine by agent"}, server.operations()); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
	p.run(chromedp.Reload())
	p.await(result, "It is agent")
	if got := p.text(`document.querySelector("#person").selectedOptions[0].text`); got != `Ann <b>"O'Neil"</b> – agent & trainer` {
		t.Errorf("after a reload the picker shows %q", got)
	}
	p.checkQuiet(server.URL)
}

func refusedToken(t *testing.T, browser context.Context) {
	server := startStandIn(t, time.Hour, people())
	p := openTab(t, browser, server.URL+graphiql.Path)
	p.await(result, "It is manager")
	first, _ := server.lastAsked()
	server.revoke(first)
	p.edit("query Again { viewer { name roles } }")
	p.execute()
	p.await(`performance.getEntriesByType("resource").filter((e) => e.name.includes("/demo/token")).length`, "2")
	p.await(result, "It is manager")
	if last, _ := server.lastAsked(); last == first || holderOf(last) != "manager" {
		t.Error("the request was not made again with a new token")
	}
}

func expiringToken(t *testing.T, browser context.Context) {
	server := startStandIn(t, 10*time.Second, people())
	p := openTab(t, browser, server.URL+graphiql.Path)
	p.await(result, "It is manager")
	before := server.tokensIssued()
	p.edit("query Again { viewer { roles } }")
	p.execute()
	p.await(result, "It is manager")
	if server.tokensIssued() == before {
		t.Error("a token with ten seconds left was not renewed")
	}
	p.checkQuiet(server.URL)
}

func subscription(t *testing.T, browser context.Context) {
	server := startStandIn(t, time.Hour, people())
	p := openTab(t, browser, server.URL+graphiql.Path)
	p.await(result, "It is manager")
	p.edit("subscription Greeting { greeting }")
	p.execute()
	p.await(result, "Hello over the socket, manager")
	p.checkQuiet(server.URL)
}

func pastedToken(t *testing.T, browser context.Context) {
	server := startStandIn(t, time.Hour, nil)
	p := openTab(t, browser, server.URL+graphiql.Path)
	p.await(status, "Not signed in")
	p.await(`performance.getEntriesByType("resource").filter((e) => e.name.endsWith("/graphql")).length > 0`, "true")
	if authorization, _ := server.lastAsked(); authorization != "" {
		t.Error("a request carried a token before one was given")
	}
	p.screenshot("paste")
	p.run(
		chromedp.SendKeys(chromedp.CSS("#token"), token("pat", 1, time.Now().Add(time.Hour))),
		chromedp.Click(chromedp.CSS("#paste [type=submit]")),
	)
	p.await(status, "Token in use; it expires at")
	p.await(result, "It is pat")
	if got := p.text(`document.querySelector("#token").value`); got != "" {
		t.Error("the token is still in its field")
	}
	p.run(chromedp.Click(chromedp.CSS("#sign-out")))
	p.await(status, "Not signed in")
}

func failedSignIn(t *testing.T, browser context.Context) {
	server := startStandIn(t, time.Hour, people())
	page := graphiql.Handler(graphiql.Config{Endpoint: "/graphql", People: people(), TokenURL: "/graphiql/absent"})
	server.Config.Handler = page
	p := openTab(t, browser, server.URL+graphiql.Path)
	p.await(status, "Signing in as “manager” failed: the server answered 405.")
}

func menus(t *testing.T, browser context.Context) {
	server := startStandIn(t, time.Hour, people())
	p := openTab(t, browser, server.URL+graphiql.Path)
	p.await(result, "It is manager")
	p.run(chromedp.Click(chromedp.CSS(`[aria-label="Open settings dialog"]`)))
	p.await(`document.querySelector("[role=dialog]")?.innerText`, "Theme")
	p.await(`getComputedStyle(document.body).overflow`, "hidden") // the style element that needs the nonce has taken effect
	p.run(chromedp.KeyEvent(kb.Escape))
	p.await(`document.querySelector("[role=dialog]") === null`, "true")
	p.run(chromedp.Click(chromedp.CSS(`[aria-label="Show Documentation Explorer"]`)))
	p.await(`document.querySelector(".graphiql-doc-explorer")?.innerText`, "Root Types")
	p.checkQuiet(server.URL)
}

// screenshot writes a picture into the folder that SCREENSHOTS names, for a person to look at; without it, nothing.
func (p *tab) screenshot(name string) {
	p.t.Helper()
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		return
	}
	picture := value(p, chromedp.CaptureScreenshot())
	if err := os.WriteFile(folder+"/"+name+".png", picture, 0o600); err != nil {
		p.t.Fatal(err)
	}
}
