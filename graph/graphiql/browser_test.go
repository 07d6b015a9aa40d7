package graphiql_test

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// deadline is how long a test waits for what must come; a busy machine with two cores stays far below it.
const deadline = 60 * time.Second

// dialogWarning is what GraphiQL's own dialogs say to the console, in a version without fault of ours.
const dialogWarning = "Missing `Description` or `aria-describedby={undefined}`"

// startBrowser starts a chromium of its own, which ends with the test.
func startBrowser(t *testing.T) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(findChromium(t)),
		chromedp.WindowSize(1280, 800),
		chromedp.WSURLReadTimeout(deadline),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("chromium does not start: %v", err)
	}
	return ctx
}

func findChromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("no chromium on PATH: CI installs it, so that nothing is skipped there")
	}
	t.Skip("no chromium on PATH: the page is not tried in a browser (apt-get install chromium)")
	return ""
}

// tab is one page in the browser, with what it complained of and whom it asked.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu         sync.Mutex
	complaints []string
	requests   []string
}

// openTab opens address in a tab of its own, with no cookies and no storage but its own.
func openTab(t *testing.T, browser context.Context, address string) *tab {
	t.Helper()
	p := &tab{t: t}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.note))
	t.Cleanup(cancel)
	p.ctx = ctx
	if err := chromedp.Do(ctx); err != nil { // opens the tab, which lives as long as the context given here
		t.Fatal(err)
	}
	p.run(chromedp.Navigate(address))
	return p
}

// note remembers what the console shows and what is requested.
func (p *tab) note(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	case *network.EventWebSocketCreated:
		p.requests = append(p.requests, e.URL)
	case *log.EventEntryAdded:
		p.complaints = append(p.complaints, e.Entry.Text)
	case *runtime.EventExceptionThrown:
		p.complaints = append(p.complaints, e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			p.complaints = append(p.complaints, said(e.Args))
		}
	}
}

// said is what the console was told, as JSON values.
func said(args []*runtime.RemoteObject) string {
	var words []string
	for _, arg := range args {
		words = append(words, string(arg.Value))
	}
	return strings.Join(words, " ")
}

func (p *tab) run(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	value(p, chromedp.Steps(steps...))
}

// value runs an action on the tab and fails the test where it fails.
func value[T any](p *tab, action chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, deadline)
	defer cancel()
	v, err := chromedp.Run(ctx, action)
	if err != nil {
		p.t.Fatalf("%v\nthe console: %q", err, p.complained())
	}
	return v
}

// complained is what the console has shown so far.
func (p *tab) complained() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.complaints)
}

// script is an action that evaluates JavaScript for its effect.
func script(source string) chromedp.Action[chromedp.Void] {
	return chromedp.Evaluate[chromedp.Void](source)
}

// text is what a JavaScript expression yields, as a text.
func (p *tab) text(expression string) string {
	p.t.Helper()
	return value(p, chromedp.Evaluate[string]("String("+expression+")"))
}

// await waits until the expression's text contains what is wanted.
func (p *tab) await(expression, want string) {
	p.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(deadline); ; <-tick.C {
		got := p.text(expression)
		if strings.Contains(got, want) {
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("%s is %q, want it to contain %q\nthe console: %q", expression, got, want, p.complained())
		}
	}
}

// edit replaces the query in GraphiQL's editor and waits until GraphiQL has read it, which the tab's title shows. The query
// must begin with "query Name" or "subscription Name".
func (p *tab) edit(query string) {
	p.t.Helper()
	p.run(script(`document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.setValue("` + query + `")`))
	p.await(`document.querySelector(".graphiql-tab-active")?.innerText`, strings.Fields(query)[1])
}

// execute presses GraphiQL's play button.
func (p *tab) execute() {
	p.t.Helper()
	p.run(chromedp.Click(chromedp.CSS(".graphiql-execute-button")))
}

// checkQuiet fails the test where the page complained, asked another host or stored anything.
func (p *tab) checkQuiet(server string) {
	p.t.Helper()
	stored := p.text(`localStorage.length + sessionStorage.length + document.cookie.length`)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, complaint := range p.complaints {
		if !strings.Contains(complaint, dialogWarning) {
			p.t.Errorf("the page complained: %q", complaint)
		}
	}
	if stored != "0" {
		p.t.Error("the page left something in the browser's storage")
	}
	own, err := url.Parse(server)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, address := range p.requests {
		if u, err := url.Parse(address); err != nil || u.Scheme != "data" && u.Host != own.Host {
			p.t.Errorf("the page asked another host: %s", address)
		}
	}
}
