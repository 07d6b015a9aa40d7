package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"time"

	"qm-compliance/auth"
	"qm-compliance/db"
	"qm-compliance/demo"
	"qm-compliance/graph"
	"qm-compliance/intake"
	"qm-compliance/vcon"
)

type demoCommand struct {
	Listen string `help:"The address to listen on, of this machine only." default:"127.0.0.1:8080" env:"QM_LISTEN" placeholder:"HOST:PORT"`
	Fresh  bool   `help:"Throw away what earlier demos left, and begin anew."`
}

// Run starts the demo, tells where it is, and serves until the process is told to stop.
func (c demoCommand) Run(ctx context.Context, io streams, e environment) (err error) {
	begun := time.Now()
	if !isLoopback(c.Listen) {
		return fmt.Errorf("the demo signs anybody in, so it listens on this machine only; %q is not an address of it, 127.0.0.1:8080 is", c.Listen)
	}
	listener, err := listen(c.Listen)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	issuer, err := auth.NewDemoIssuer(time.Now)
	if err != nil {
		return err
	}
	opened, err := e.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.close()) }()
	if opened.media, err = e.openMedia(ctx); err != nil {
		return err
	}
	store, err := c.load(ctx, opened)
	if err != nil {
		return err
	}
	links, err := newLinks(ctx, store, demoPlayback)
	if err != nil {
		return err
	}
	served := site{
		database: opened, store: store, verify: issuer.Verifier().Verify, limits: graph.DefaultLimits(), demo: issuer, importBytes: 64 << 20, logger: e.logger,
		links: links, publicURL: "http://" + listener.Addr().String(),
		schema: schemaFlags{Introspection: string(graph.IntrospectionSignedIn), Suggestions: true, GraphiQL: true},
	}
	return e.runSite(ctx, served, func(ctx context.Context, s site) error {
		count, err := s.store.CountConversations(ctx, db.Everything(), db.Filter{})
		if err != nil {
			return err
		}
		greet(io.out, listener.Addr(), time.Since(begun), count)
		return serveUntil(ctx, listener, s.handler(), e.logger)
	})
}

// demoPlayback is how long a link to a recording of the demo can be used.
const demoPlayback = 10 * time.Minute

// clearDemo throws away what earlier demos left, the recordings first: without the database nobody would know of them.
func clearDemo(ctx context.Context, opened *database) error {
	keys, err := db.DemoMedia(ctx, opened.bun)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := opened.media.Delete(ctx, key); err != nil {
			return err
		}
	}
	return db.ClearDemo(ctx, opened.bun)
}

// load brings the demo's conversations into the database, unless they are there already.
func (c demoCommand) load(ctx context.Context, opened *database) (*db.Store, error) {
	if c.Fresh {
		if err := clearDemo(ctx, opened); err != nil {
			return nil, err
		}
	}
	store, err := opened.store(ctx, true)
	if err != nil {
		return nil, err
	}
	base, err := store.DemoBase(ctx)
	if err != nil {
		return nil, err
	}
	if base == nil {
		now := time.Now().UTC().Truncate(time.Minute)
		base = &now
		if err := store.MarkDemo(ctx, now); err != nil {
			return nil, err
		}
	}
	return store, loadConversations(ctx, opened, store, *base)
}

func loadConversations(ctx context.Context, opened *database, store *db.Store, base time.Time) error {
	loaded, err := store.DemoLoaded(ctx)
	if loaded || err != nil {
		return err
	}
	actor := db.CommandActor("demo")
	if err := configureKeys(ctx, store, actor); err != nil {
		return err
	}
	totals, err := intake.Run(ctx, intake.Config{Store: store, Media: opened.media}, actor, demoItems(base), intake.Observer{})
	if err != nil {
		return err
	}
	if totals.Refused > 0 {
		return fmt.Errorf("%d of the demo's own conversations were refused", totals.Refused)
	}
	return store.MarkDemoLoaded(ctx)
}

func demoItems(base time.Time) iter.Seq[vcon.Item] {
	return func(yield func(vcon.Item) bool) {
		number := 0
		for document := range demo.VCons(base) {
			number++
			conversation, err := vcon.Parse(document, vcon.Options{})
			if !yield(vcon.Item{File: "demo", Line: number, Conversation: conversation, Err: err}) {
				return
			}
		}
	}
}

// configureKeys comes before the conversations, since those are merged by the keys as they come in.
func configureKeys(ctx context.Context, store *db.Store, actor db.Actor) error {
	yes := true
	if err := store.KnowKeys(ctx, append(demo.FilterKeys(), demo.CorrelationKeys()...)); err != nil {
		return err
	}
	for _, key := range demo.FilterKeys() {
		if _, err := store.ConfigureMetadataKey(ctx, actor, db.KeyConfiguration{Key: key, IsFilter: &yes}); err != nil {
			return err
		}
	}
	for _, key := range demo.CorrelationKeys() {
		if _, err := store.ConfigureMetadataKey(ctx, actor, db.KeyConfiguration{Key: key, Correlation: &yes}); err != nil {
			return err
		}
	}
	return nil
}

func greet(out io.Writer, address net.Addr, took time.Duration, conversations int) {
	_, _ = fmt.Fprintf(out, `qm-compliance demo, ready after %.1f s with %d conversations

  Console    http://%[3]s/
  GraphiQL   http://%[3]s/graphiql
  API        http://%[3]s/graphql

Sign in as one of four people: pick one in the console or in GraphiQL, or get a token for a script with
  curl -X POST 'http://%[3]s/demo/token?as=manager'

`, took.Seconds(), conversations, address)
	for _, person := range auth.DemoPeople() {
		_, _ = fmt.Fprintf(out, "  %-11s %s, %s\n", person.Key, person.Name, person.Title)
	}
	_, _ = fmt.Fprintln(out, "\nCtrl-C stops it; what you changed is there again next time, unless you start with --fresh.")
}
