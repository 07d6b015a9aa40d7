package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"qm-compliance/auth"
	"qm-compliance/console"
	"qm-compliance/db"
	"qm-compliance/graph"
	"qm-compliance/graph/refusals"
	"qm-compliance/jobs"
)

// limitFlags bound what one request may cost.
type limitFlags struct {
	MaxBody     int64         `help:"The largest GraphQL request, in bytes." default:"1048576" env:"QM_MAX_BODY"`
	MaxImport   int64         `help:"The largest body of /import, in bytes." default:"268435456" env:"QM_MAX_IMPORT"`
	MaxTokens   int           `help:"The most lexical tokens of a GraphQL document." default:"2000" env:"QM_MAX_TOKENS"`
	MaxDepth    int           `help:"The deepest nesting of a GraphQL operation." default:"20" env:"QM_MAX_DEPTH"`
	MaxCost     int           `help:"The highest cost of a GraphQL operation: about the number of fields in its answer." default:"20000" env:"QM_MAX_COST"`
	MaxDuration time.Duration `help:"How long one GraphQL operation may take." default:"30s" env:"QM_MAX_DURATION"`
}

func (l limitFlags) graph() graph.Limits {
	limits := graph.DefaultLimits()
	limits.BodyBytes, limits.Tokens, limits.Depth, limits.Cost, limits.Duration = l.MaxBody, l.MaxTokens, l.MaxDepth, l.MaxCost, l.MaxDuration
	return limits
}

// schemaFlags say who is shown the schema.
type schemaFlags struct {
	Introspection string `help:"Who may ask for the GraphQL schema: off, signed-in or everybody." enum:"off,signed-in,everybody" default:"signed-in" env:"QM_INTROSPECTION"`
	Suggestions   bool   `help:"Say in errors which names the schema has instead of one that it lacks." env:"QM_SUGGESTIONS"`
	Trusted       string `name:"trusted-documents" help:"A folder of GraphQL documents (*.graphql); the server then runs these only." type:"existingdir" env:"QM_TRUSTED_DOCUMENTS" placeholder:"DIR"`
	Persisted     bool   `name:"persisted-queries" help:"Let clients send the hash of a document that they have sent before (automatic persisted queries)." env:"QM_PERSISTED_QUERIES"`
	GraphiQL      bool   `name:"graphiql" help:"Serve the explorer GraphiQL." default:"true" negatable:"" env:"QM_GRAPHIQL"`
}

// documents reads the trusted documents; nil where the server runs any.
func (f schemaFlags) documents() (*graph.TrustedDocuments, error) {
	if f.Trusted == "" {
		return nil, nil
	}
	documents, err := graph.LoadTrustedDocuments(os.DirFS(f.Trusted))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Trusted, err)
	}
	return documents, nil
}

// consoleFlags say how people sign in to the web console.
type consoleFlags struct {
	ConsoleClientID    string   `name:"console-client-id" help:"What the web console is called at the OpenID Connect provider: a public client with PKCE, whose redirect address is /signed-in." default:"qm-console" env:"QM_CONSOLE_CLIENT_ID" placeholder:"ID"`
	ConsoleScope       string   `name:"console-scope" help:"What the web console asks the provider for." default:"openid profile" env:"QM_CONSOLE_SCOPE"`
	ConsoleMediaOrigin []string `name:"console-media-origin" help:"An origin that the web console may play recordings from besides this server, such as that of the file store with --playback-redirect." env:"QM_CONSOLE_MEDIA_ORIGIN" placeholder:"ORIGIN"`
}

func (f consoleFlags) oidc(issuer string) *console.OIDC {
	return &console.OIDC{Issuer: issuer, ClientID: f.ConsoleClientID, Scope: f.ConsoleScope}
}

type serveCommand struct {
	Listen      string   `help:"The address to listen on." default:":8080" env:"QM_LISTEN" placeholder:"HOST:PORT"`
	Migrate     bool     `help:"Bring the database to the structure that this version needs before serving." env:"QM_MIGRATE"`
	AllowOrigin []string `help:"An origin whose web apps may use the API, such as https://app.example." env:"QM_ALLOW_ORIGIN" placeholder:"ORIGIN"`

	OIDCIssuer      string   `name:"oidc-issuer" help:"The OpenID Connect provider whose tokens are accepted; required." env:"OIDC_ISSUER" placeholder:"URL"`
	OIDCAudience    string   `name:"oidc-audience" help:"What tokens for this server name as their audience (aud)." default:"qm-compliance" env:"OIDC_AUDIENCE"`
	OIDCClient      string   `name:"oidc-client" help:"The only client whose tokens are accepted (azp), and whose client roles count." env:"OIDC_CLIENT" placeholder:"ID"`
	OIDCRoleClaim   []string `name:"oidc-role-claim" help:"A claim that holds roles; at first realm_access.roles and resource_access.CLIENT.roles." env:"OIDC_ROLE_CLAIMS" placeholder:"PATH"`
	OIDCGroupsClaim string   `name:"oidc-groups-claim" help:"The claim that holds the person's groups." default:"groups" env:"OIDC_GROUPS_CLAIM"`
	OIDCUserIDClaim string   `name:"oidc-user-id-claim" help:"The claim by which conversations know an agent." default:"preferred_username" env:"OIDC_USER_ID_CLAIM"`

	PublicURL        string        `help:"Where clients reach this server, such as https://qm.example; links to recordings begin with it. Without it they are relative." env:"QM_PUBLIC_URL" placeholder:"URL"`
	PlaybackLifetime time.Duration `help:"How long a link to a recording can be used." default:"10m" env:"QM_PLAYBACK_LIFETIME"`
	PlaybackRedirect bool          `help:"Send players to the file store itself, by a link of a minute at most, where it has such links (S3)." env:"QM_PLAYBACK_REDIRECT"`
	fetchFlags

	consoleFlags
	schemaFlags
	limitFlags
}

// Run serves until the process is told to stop.
func (c serveCommand) Run(ctx context.Context, io streams, e environment) (err error) {
	if c.OIDCIssuer == "" {
		return errors.New("serve needs to know who signs people in: name the OpenID Connect provider with --oidc-issuer (OIDC_ISSUER); to try without one, use the command demo")
	}
	listener, err := listen(c.Listen)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	fetcher, err := c.fetcher()
	if err != nil {
		return err
	}
	trusted, err := c.documents()
	if err != nil {
		return err
	}
	verifier, err := auth.NewVerifier(ctx, c.oidc())
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
	store, err := opened.store(ctx, c.Migrate)
	if err != nil {
		return err
	}
	links, err := newLinks(ctx, store, c.PlaybackLifetime)
	if err != nil {
		return err
	}
	if err := e.warnAboutLogging(ctx, store); err != nil {
		return err
	}
	e.logger.InfoContext(ctx, "serving", "address", listener.Addr().String(), "issuer", c.OIDCIssuer)
	served := site{database: opened, store: store, verify: verifier.Verify, limits: c.graph(), schema: c.schemaFlags, trusted: trusted, origins: c.AllowOrigin, importBytes: c.MaxImport, logger: e.logger,
		links: links, publicURL: strings.TrimSuffix(c.PublicURL, "/"), redirect: c.PlaybackRedirect, fetch: fetcher,
		oidc: c.consoleFlags.oidc(c.OIDCIssuer), mediaOrigins: c.ConsoleMediaOrigin}
	return e.runSite(ctx, served, func(ctx context.Context, s site) error { return serveUntil(ctx, listener, s.handler(), e.logger) })
}

func (c serveCommand) oidc() auth.Config {
	return auth.Config{
		Issuer: c.OIDCIssuer, Audience: c.OIDCAudience, ClientID: c.OIDCClient, RoleClaims: c.OIDCRoleClaim,
		GroupsClaim: c.OIDCGroupsClaim, UserIDClaim: c.OIDCUserIDClaim,
	}
}

// runSite runs what a site needs beside its handler, and ends it with the site.
func (e environment) runSite(ctx context.Context, s site, serve func(context.Context, site) error) error {
	service, err := e.service()
	if err != nil {
		return err
	}
	s.hub = db.NewHub(s.database.pool, e.logger)
	s.refusals = refusals.New(refusals.Options{Record: s.store.Record, Logger: e.logger})
	group, ctx := errgroup.WithContext(ctx)
	hub, stop := context.WithCancel(ctx)
	group.Go(func() error { return ignoreCancel(s.hub.Run(hub)) })
	group.Go(func() error { return s.refusals.Run(hub) })
	group.Go(func() error {
		return jobs.Run(hub, jobs.Options{
			Database: s.database.bun, Pool: s.database.pool, Store: s.store, Service: service, Logger: e.logger, GlobalID: graph.GlobalID,
			AttemptTimeout: e.media.InteractionTimeout,
		})
	})
	group.Go(func() error {
		defer stop()
		return serve(ctx, s)
	})
	return group.Wait()
}

func ignoreCancel(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// warnAboutLogging names the settings of the server that would write statements, with the values in them, to its log.
func (e environment) warnAboutLogging(ctx context.Context, store *db.Store) error {
	leaks, err := store.LoggingSettings(ctx)
	for _, leak := range leaks {
		e.logger.WarnContext(ctx, "PostgreSQL may log personal data", "setting", leak.Name, "value", leak.Value, "better", fmt.Sprintf("%s = %s", leak.Name, leak.Better))
	}
	return err
}
