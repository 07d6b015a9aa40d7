package command

import (
	"context"
	"errors"
	"strings"
	"time"

	"qm-compliance/auth"
	"qm-compliance/console"
	"qm-compliance/db"
	"qm-compliance/graph"
	"qm-compliance/httpserver"
)

// limitFlags bound what one request may cost.
type limitFlags struct {
	MaxBody     int64         `help:"The largest GraphQL request, in bytes." default:"1048576" env:"QM_MAX_BODY"`
	MaxImport   int64         `help:"The largest body of /import, in bytes." default:"268435456" env:"QM_MAX_IMPORT"`
	MaxTokens   int           `help:"The most lexical tokens of a GraphQL document." default:"5000" env:"QM_MAX_TOKENS"`
	MaxDepth    int           `help:"The deepest nesting of a GraphQL operation." default:"20" env:"QM_MAX_DEPTH"`
	MaxCost     int           `help:"The highest cost of a GraphQL operation: about the number of fields in its answer." default:"20000" env:"QM_MAX_COST"`
	MaxDuration time.Duration `help:"How long one GraphQL operation may take." default:"30s" env:"QM_MAX_DURATION"`
}

func (f limitFlags) limits() httpserver.Limits {
	return httpserver.Limits{
		GraphQL: graph.Limits{
			BodyBytes: f.MaxBody, Tokens: f.MaxTokens, Depth: f.MaxDepth, Cost: f.MaxCost, Duration: f.MaxDuration,
		},
		ImportBytes: f.MaxImport,
	}
}

// databaseFlags bound what one request may ask of the database.
type databaseFlags struct {
	DatabaseWait     time.Duration `help:"How long a request waits for a free connection to PostgreSQL before it is told to try again." default:"5s" env:"QM_DATABASE_WAIT"`
	StatementTimeout time.Duration `help:"How long PostgreSQL lets one statement of this server run; 0 leaves it to PostgreSQL." default:"60s" env:"QM_STATEMENT_TIMEOUT"`
}

func (f databaseFlags) bounds() db.PoolOptions {
	return db.PoolOptions{Wait: f.DatabaseWait, Statement: f.StatementTimeout}
}

// signInFlags say whose tokens the API accepts, and what they hold.
type signInFlags struct {
	OIDCIssuer      string   `name:"oidc-issuer" help:"The OpenID Connect provider whose tokens are accepted; required." env:"OIDC_ISSUER" placeholder:"URL"`
	OIDCAudience    string   `name:"oidc-audience" help:"The audience (aud) of tokens for this server." default:"qm-compliance" env:"OIDC_AUDIENCE"`
	OIDCClient      string   `name:"oidc-client" help:"The only client whose tokens are accepted (azp), and whose client roles count." env:"OIDC_CLIENT" placeholder:"ID"`
	OIDCRoleClaim   []string `name:"oidc-role-claim" help:"A claim that holds roles; by default realm_access.roles and resource_access.CLIENT.roles." env:"OIDC_ROLE_CLAIMS" placeholder:"PATH"`
	OIDCGroupsClaim string   `name:"oidc-groups-claim" help:"The claim that holds the person's groups." default:"groups" env:"OIDC_GROUPS_CLAIM"`
	OIDCUserIDClaim string   `name:"oidc-user-id-claim" help:"The claim by which conversations know an agent." default:"preferred_username" env:"OIDC_USER_ID_CLAIM"`
}

func (f signInFlags) oidc() auth.Config {
	return auth.Config{
		Issuer: f.OIDCIssuer, Audience: f.OIDCAudience, ClientID: f.OIDCClient, RoleClaims: f.OIDCRoleClaim,
		GroupsClaim: f.OIDCGroupsClaim, UserIDClaim: f.OIDCUserIDClaim,
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
	Migrate     bool     `help:"Bring the database to the structure that this version needs before serving." env:"QM_MIGRATE"`
	AllowOrigin []string `help:"An origin whose web apps may use the API, such as https://app.example." env:"QM_ALLOW_ORIGIN" placeholder:"ORIGIN"`
	signInFlags
	PublicURL        string        `help:"Where clients reach this server, such as https://qm.example; links to recordings begin with it. Without it they are relative." env:"QM_PUBLIC_URL" placeholder:"URL"`
	PlaybackLifetime time.Duration `help:"How long a link to a recording can be used." default:"10m" env:"QM_PLAYBACK_LIFETIME"`
	PlaybackRedirect bool          `help:"Send players to the file store itself, by a link of a minute at most, if it has such links (S3)." env:"QM_PLAYBACK_REDIRECT"`
	fetchFlags
	consoleFlags
	limitFlags
	databaseFlags
}

// Run serves until ctx ends. What can be wrong with the flags fails before the database is opened.
func (c serveCommand) Run(ctx context.Context, env environment) error {
	if c.OIDCIssuer == "" {
		return errors.New("serve needs an OpenID Connect provider that signs people in: " +
			"name it with --oidc-issuer (OIDC_ISSUER); to try without one, use the command demo")
	}
	listener, err := httpserver.Listen(c.Listen)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	fetcher, err := c.fetcher()
	if err != nil {
		return err
	}
	service, err := env.interactionService()
	if err != nil {
		return err
	}
	verifier, err := auth.NewVerifier(ctx, c.oidc())
	if err != nil {
		return err
	}
	client := console.OIDC{Issuer: c.OIDCIssuer, ClientID: c.ConsoleClientID, Scope: c.ConsoleScope}
	return env.withApp(ctx, openOptions{migrate: c.Migrate, bounds: c.bounds()}, func(app *app) error {
		links, err := app.links(ctx, c.PlaybackLifetime)
		if err != nil {
			return err
		}
		if err := app.warnAboutLogging(ctx); err != nil {
			return err
		}
		env.logger.InfoContext(ctx, "serving", "address", listener.Addr().String(), "issuer", c.OIDCIssuer)
		return app.serve(ctx, listener, httpserver.Options{
			Store: app.store, Database: app.bun, Probe: app.probe, Hub: app.hub, Media: app.media, Links: links,
			Fetcher: fetcher, SignIn: httpserver.ProviderSignIn(verifier, client), Limits: c.limits(), Origins: c.AllowOrigin,
			PublicURL: strings.TrimSuffix(c.PublicURL, "/"), Redirect: c.PlaybackRedirect,
			MediaOrigins: c.ConsoleMediaOrigin, Logger: env.logger,
		}, background{service, env.InteractionTimeout})
	})
}
