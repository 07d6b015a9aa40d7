package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"qm-compliance/auth"
	"qm-compliance/console"
	"qm-compliance/db"
	"qm-compliance/graph"
	"qm-compliance/httpserver"
)

// schemaFlags say who is shown the schema, and which documents the API runs.
type schemaFlags struct {
	Introspection string `help:"Who may query the GraphQL schema (introspection): off, signed-in or everybody." enum:"off,signed-in,everybody" default:"signed-in" env:"QM_INTROSPECTION"`
	Suggestions   bool   `help:"Suggest similar names of the schema in errors about unknown names." env:"QM_SUGGESTIONS"`
	Trusted       string `name:"trusted-documents" help:"A folder of GraphQL documents (*.graphql); the server then runs only these." type:"existingdir" env:"QM_TRUSTED_DOCUMENTS" placeholder:"DIR"`
	Persisted     bool   `name:"persisted-queries" help:"Let clients send the hash of a document that the server has seen (automatic persisted queries)." env:"QM_PERSISTED_QUERIES"`
	GraphiQL      bool   `name:"graphiql" help:"Serve the explorer GraphiQL." default:"true" negatable:"" env:"QM_GRAPHIQL"`
}

// schema reads the trusted documents, if there are any to be read.
func (f schemaFlags) schema() (httpserver.Schema, error) {
	schema := httpserver.Schema{
		Introspection: graph.Introspection(f.Introspection), Suggestions: f.Suggestions, GraphiQL: f.GraphiQL,
		PersistedQueries: f.Persisted,
	}
	if f.Trusted == "" {
		return schema, nil
	}
	documents, err := graph.LoadTrustedDocuments(os.DirFS(f.Trusted))
	if err != nil {
		return schema, fmt.Errorf("%s: %w", f.Trusted, err)
	}
	schema.TrustedDocuments = documents
	return schema, nil
}

// auditFlags say what the audit log records beyond what changes something or leaves.
type auditFlags struct {
	AuditViews bool `help:"Record in the audit log who reads which conversation, once a person, conversation and minute at most." env:"QM_AUDIT_VIEWS"`
}

// databaseFlags bound what one request may ask of the database, and what its role may do there.
type databaseFlags struct {
	DatabaseWait     time.Duration `help:"How long a request waits for a free connection to PostgreSQL before it fails and asks the client to retry." default:"5s" env:"QM_DATABASE_WAIT"`
	StatementTimeout time.Duration `help:"The longest that one SQL statement may run; 0 uses PostgreSQL's own limit." default:"60s" env:"QM_STATEMENT_TIMEOUT"`
	ExcessRights     string        `help:"What to do where the database's role can change the audit log, such as by owning the tables: warn, or refuse to serve." enum:"warn,refuse" default:"warn" env:"QM_EXCESS_RIGHTS"`
}

func (f databaseFlags) bounds() db.PoolOptions {
	return db.PoolOptions{Wait: f.DatabaseWait, Statement: f.StatementTimeout}
}

// signInFlags say whose tokens the API accepts, and what they hold.
type signInFlags struct {
	OIDCIssuer          string   `name:"oidc-issuer" help:"The OpenID Connect provider whose tokens are accepted; required." env:"OIDC_ISSUER" placeholder:"URL"`
	OIDCAudience        string   `name:"oidc-audience" help:"The audience (aud) of tokens for this server." default:"qm-compliance" env:"OIDC_AUDIENCE"`
	OIDCAuthorizedParty []string `name:"oidc-authorized-party" help:"A client whose tokens are accepted (azp, client_id or cid), besides the web console's; by default tokens of every client are accepted. Repeatable." env:"OIDC_AUTHORIZED_PARTIES" placeholder:"ID"`
	OIDCClient          string   `name:"oidc-client" help:"The client whose client roles count (resource_access.CLIENT.roles)." env:"OIDC_CLIENT" placeholder:"ID"`
	OIDCAlgorithm       []string `name:"oidc-algorithm" help:"A signing algorithm to accept, such as ES256; by default every common asymmetric one. Repeatable." env:"OIDC_ALGORITHMS" placeholder:"NAME"`
	OIDCRoleClaim       []string `name:"oidc-role-claim" help:"A claim that holds roles; by default realm_access.roles and resource_access.CLIENT.roles." env:"OIDC_ROLE_CLAIMS" placeholder:"PATH"`
	OIDCGroupsClaim     string   `name:"oidc-groups-claim" help:"The claim that holds the person's groups." default:"groups" env:"OIDC_GROUPS_CLAIM"`
	OIDCUserIDClaim     string   `name:"oidc-user-id-claim" help:"The claim that holds the agent's user id in conversations." default:"preferred_username" env:"OIDC_USER_ID_CLAIM"`
}

// oidc accepts the console's tokens wherever it accepts those of some clients only.
func (f signInFlags) oidc(console string, logger *slog.Logger) auth.Config {
	parties := f.OIDCAuthorizedParty
	if len(parties) > 0 {
		parties = append([]string{console}, parties...)
	}
	return auth.Config{
		Issuer: f.OIDCIssuer, Audience: f.OIDCAudience, AuthorizedParties: parties, RolesClient: f.OIDCClient,
		RoleClaims: f.OIDCRoleClaim, GroupsClaim: f.OIDCGroupsClaim, UserIDClaim: f.OIDCUserIDClaim,
		Algorithms: f.OIDCAlgorithm, Logger: logger,
	}
}

// consoleFlags say how people sign in to the web console, and where it plays recordings from.
type consoleFlags struct {
	ConsoleClientID    string   `name:"console-client-id" help:"The web console's client at the OpenID Connect provider: a public one with PKCE, whose redirect address is /signed-in." default:"qm-console" env:"QM_CONSOLE_CLIENT_ID" placeholder:"ID"`
	ConsoleScope       string   `name:"console-scope" help:"The scope that the web console asks the provider for." default:"openid profile" env:"QM_CONSOLE_SCOPE"`
	ConsoleMediaOrigin []string `name:"console-media-origin" help:"An origin that the web console may play recordings from besides this server, such as that of the file store with --playback-redirect." env:"QM_CONSOLE_MEDIA_ORIGIN" placeholder:"ORIGIN"`
}

type serveCommand struct {
	Listen      string   `help:"The address to listen on." default:":8080" env:"QM_LISTEN" placeholder:"HOST:PORT"`
	Migrate     bool     `help:"Migrate the database before serving." env:"QM_MIGRATE"`
	AllowOrigin []string `help:"An origin whose web apps may use the API, such as https://app.example." env:"QM_ALLOW_ORIGIN" placeholder:"ORIGIN"`
	signInFlags
	PublicURL        string        `help:"Where clients reach this server, such as https://qm.example; links to recordings begin with it. Without it they are relative." env:"QM_PUBLIC_URL" placeholder:"URL"`
	PlaybackLifetime time.Duration `help:"How long a link to a recording can be used." default:"10m" env:"QM_PLAYBACK_LIFETIME"`
	PlaybackRedirect bool          `help:"Send players to the file store itself, by a link of a minute at most, if it has such links (S3)." env:"QM_PLAYBACK_REDIRECT"`
	fetchFlags
	consoleFlags
	schemaFlags
	auditFlags
	connectionFlags
	limitFlags `group:"Limits, zero for none:"`
	databaseFlags
	jobFlags
	memoryFlags
}

// Run serves until ctx ends. What can be wrong with the flags fails before the database is opened.
func (c serveCommand) Run(ctx context.Context, env environment) error {
	if err := c.checkJobs(); err != nil {
		return err
	}
	if c.OIDCIssuer == "" {
		return errors.New("serve requires an OpenID Connect provider: " +
			"set --oidc-issuer (OIDC_ISSUER), or use the command demo to try without one")
	}
	if err := c.bound(ctx, env); err != nil {
		return err
	}
	server := httpserver.Server{Timeouts: c.timeouts(), Logger: env.logger}
	var err error
	if server.Listener, err = httpserver.Listen(c.Listen, "--listen"); err != nil {
		return err
	}
	defer func() { _ = server.Listener.Close() }()
	if server.Admin, err = c.listenAdmin(); err != nil {
		return err
	}
	fetcher, err := c.fetcher()
	if err != nil {
		return err
	}
	service, err := env.interactionService()
	if err != nil {
		return err
	}
	proxies, err := c.trustedProxies()
	if err != nil {
		return err
	}
	schema, err := c.schema()
	if err != nil {
		return err
	}
	verifier, err := auth.NewVerifier(c.oidc(c.ConsoleClientID, env.logger))
	if err != nil {
		return err
	}
	client := console.OIDC{Issuer: c.OIDCIssuer, ClientID: c.ConsoleClientID, Scope: c.ConsoleScope}
	return env.withApp(ctx, openOptions{migrate: c.Migrate, bounds: c.bounds()}, func(app *app) error {
		app.store = app.store.WithJobLimits(c.jobLimits())
		if err := app.boundRights(ctx, c.ExcessRights); err != nil {
			return err
		}
		links, err := app.links(ctx, c.PlaybackLifetime)
		if err != nil {
			return err
		}
		if err := app.warnAboutServer(ctx); err != nil {
			return err
		}
		env.logger.InfoContext(ctx, "serving", "address", server.Listener.Addr().String(), "issuer", c.OIDCIssuer)
		server.Handler = httpserver.NewHandler(httpserver.Options{
			Store: app.store, Database: app.bun, Probe: app.probe, Hub: app.hub, Media: app.media,
			Links: links, Fetcher: fetcher,
			SignIn: httpserver.ProviderSignIn(verifier, client), Refusals: app.refusals, Limits: c.limits(c.Stall),
			Schema: schema, Origins: c.AllowOrigin, OriginsFor: c.CORSMaxAge, HSTS: c.HSTS,
			Admin: server.Admin != nil, Timeouts: server.Timeouts, AuditViews: c.AuditViews,
			PublicURL: strings.TrimSuffix(c.PublicURL, "/"), Redirect: c.PlaybackRedirect,
			MediaOrigins: c.ConsoleMediaOrigin, TrustedProxies: proxies, Logger: env.logger,
			Version: ownVersion(), Metrics: app.metrics(), Tracer: app.tracer,
		})
		return app.serve(ctx, server, background{service, env.InteractionTimeout, c.jobFlags, verifier})
	})
}
