package command

import (
	"context"
	"fmt"
	"io"
	"iter"
	"math"
	"net"
	"time"

	"github.com/uptrace/bun"

	"qm-compliance/audit"
	"qm-compliance/auth"
	"qm-compliance/db"
	"qm-compliance/demo"
	"qm-compliance/graph"
	"qm-compliance/httpserver"
	"qm-compliance/importing"
	"qm-compliance/jobs"
	"qm-compliance/media/filestore"
	"qm-compliance/vcon"
)

type demoCommand struct {
	Listen string `help:"The address to listen on, of this machine only." default:"127.0.0.1:8080" env:"QM_LISTEN" placeholder:"HOST:PORT"`
	Fresh  bool   `help:"Delete the data of earlier demos and start again."`
	auditFlags
	memoryFlags
}

const (
	demoPlayback    = 10 * time.Minute // how long a link to a recording can be used
	demoImportBytes = 64 << 20
)

// demoBounds are what serve has by default.
func demoBounds() db.PoolOptions {
	return db.PoolOptions{Wait: 5 * time.Second, Statement: time.Minute}
}

// Run loads the demo's conversations, prints where the demo is, and serves until ctx ends.
func (c demoCommand) Run(ctx context.Context, env environment) error {
	begun := time.Now()
	if !httpserver.IsLoopback(c.Listen) {
		return fmt.Errorf("the demo lets anyone sign in, so it listens on this machine only; "+
			"%q is not a local address such as 127.0.0.1:8080", c.Listen)
	}
	if err := c.bound(ctx, env); err != nil {
		return err
	}
	listener, err := httpserver.Listen(c.Listen, "--listen")
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	issuer, err := auth.NewDemoIssuer(time.Now)
	if err != nil {
		return err
	}
	service, err := env.interactionService()
	if err != nil {
		return err
	}
	return env.withApp(ctx, openOptions{migrate: true, clearDemo: c.Fresh, bounds: demoBounds()}, func(app *app) error {
		if err := loadDemo(ctx, app); err != nil {
			return err
		}
		links, err := app.links(ctx, demoPlayback)
		if err != nil {
			return err
		}
		count, err := app.store.CountConversations(ctx, db.Everything(), db.Filter{}, math.MaxInt)
		if err != nil {
			return err
		}
		greet(env.Out, listener.Addr(), time.Since(begun), count)
		timeouts := httpserver.DefaultTimeouts()
		timeouts.Drain = 0 // nobody balances the load of a demo
		handler := httpserver.NewHandler(httpserver.Options{
			Store: app.store, Database: app.bun, Probe: app.probe, Hub: app.hub,
			Media: app.media, Links: links, AuditViews: c.AuditViews,
			SignIn: httpserver.DemoSignIn(issuer), PublicURL: "http://" + listener.Addr().String(),
			Limits:   httpserver.Limits{GraphQL: graph.DefaultLimits(), ImportBytes: demoImportBytes},
			Schema:   httpserver.Schema{Introspection: graph.IntrospectionSignedIn, Suggestions: true, GraphiQL: true},
			Refusals: app.refusals, Timeouts: timeouts, Logger: env.logger,
			Version: ownVersion(), Metrics: app.metrics(), Tracer: app.tracer,
		})
		server := httpserver.Server{Handler: handler, Listener: listener, Timeouts: timeouts, Logger: env.logger}
		return app.serve(ctx, server, background{service, env.InteractionTimeout, jobFlags{JobRunners: 1, JobShare: jobs.DefaultJobShare}, issuer.Verifier()})
	})
}

// clearDemo deletes everything that earlier demos left. The recordings go first: without the database nobody
// would know of them.
func clearDemo(ctx context.Context, database *bun.DB, files *filestore.Files) error {
	keys, err := db.DemoMedia(ctx, database)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if err := files.Delete(ctx, key); err != nil {
			return err
		}
	}
	return db.ClearDemo(ctx, database)
}

// loadDemo imports the demo's conversations, unless they are there already.
func loadDemo(ctx context.Context, app *app) error {
	base, err := demoBase(ctx, app.store)
	if err != nil {
		return err
	}
	loaded, err := app.store.DemoLoaded(ctx)
	if loaded || err != nil {
		return err
	}
	actor := audit.CommandActor("demo")
	if err := configureKeys(ctx, app.store, actor); err != nil {
		return err
	}
	config := importing.Config{Store: app.store, Media: app.media}
	totals, err := importing.Run(ctx, config, actor, demoItems(base), importing.Observer{})
	if err != nil {
		return err
	}
	if totals.Refused > 0 {
		return fmt.Errorf("%d of the demo's own conversations were refused", totals.Refused)
	}
	return app.store.MarkDemoLoaded(ctx)
}

// demoBase is the time that the demo's conversations are dated by: when the database became a demo's. A
// database that is no demo's yet becomes one now.
func demoBase(ctx context.Context, store *db.Store) (time.Time, error) {
	base, err := store.DemoBase(ctx)
	if err != nil {
		return time.Time{}, err
	}
	if base != nil {
		return *base, nil
	}
	now := time.Now().UTC().Truncate(time.Minute)
	return now, store.MarkDemo(ctx, now)
}

func demoItems(base time.Time) iter.Seq[importing.Item] {
	return func(yield func(importing.Item) bool) {
		number := 0
		for document := range demo.VCons(base) {
			number++
			conversation, err := vcon.Parse(document, vcon.Options{})
			if !yield(importing.Item{File: "demo", Line: number, Conversation: conversation, Err: err}) {
				return
			}
		}
	}
}

// configureKeys configures the demo's metadata keys. Call it before the import, which merges conversations by
// them.
func configureKeys(ctx context.Context, store *db.Store, actor audit.Actor) error {
	yes := true
	if err := store.KnowKeys(ctx, append(demo.FilterKeys(), demo.CorrelationKeys()...)); err != nil {
		return err
	}
	var keys []db.KeyConfiguration
	for _, key := range demo.FilterKeys() {
		keys = append(keys, db.KeyConfiguration{Key: key, IsFilter: &yes})
	}
	for _, key := range demo.CorrelationKeys() {
		keys = append(keys, db.KeyConfiguration{Key: key, Correlation: &yes})
	}
	for _, key := range keys {
		if _, err := store.ConfigureMetadataKey(ctx, audit.Begin(actor, audit.MetadataKeyUpdate), key); err != nil {
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
	_, _ = fmt.Fprintln(out,
		"\nCtrl-C stops it. Your changes are kept for the next start, unless you start with --fresh.")
}
