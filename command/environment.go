package command

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"

	"qm-compliance/db"
	"qm-compliance/graph"
	"qm-compliance/media/filestore"
	"qm-compliance/media/interaction"
	"qm-compliance/postgres"
	"qm-compliance/telemetry"
)

// sharedFlags say where the data lies, and who owns the media files.
type sharedFlags struct {
	Data               string        `help:"The data directory, with the embedded PostgreSQL if no other is given." env:"QM_DATA" default:"${data}" placeholder:"DIR"`
	Database           string        `help:"The PostgreSQL to use, as postgres://USER@HOST:PORT/DATABASE; the embedded one without it." env:"DATABASE_URL" placeholder:"URL" name:"database-url"`
	Connections        int           `help:"The maximum number of connections to PostgreSQL; by default 10 to 30, depending on the machine." env:"QM_DATABASE_CONNECTIONS" placeholder:"N" name:"database-connections"`
	Unprepared         bool          `help:"Do not prepare statements, for a pooler that keeps none, such as PgBouncer in transaction mode." env:"QM_DATABASE_UNPREPARED" name:"database-unprepared"`
	MediaURL           string        `help:"The file store: a folder, s3://BUCKET?region=REGION, or mem:// for tests. By default the folder media in the data directory." env:"MEDIA_URL" placeholder:"URL" name:"media-url"`
	InteractionURL     string        `help:"The Interaction service, which is asked to delete media. Without it, this program acts as the service." env:"INTERACTION_SERVICE_URL" placeholder:"URL" name:"interaction-service-url"`
	InteractionToken   string        `help:"The bearer token for the Interaction service." env:"INTERACTION_SERVICE_TOKEN" placeholder:"TOKEN" name:"interaction-service-token"`
	InteractionTimeout time.Duration `help:"How long the Interaction service may take to answer." env:"INTERACTION_SERVICE_TIMEOUT" default:"10s" name:"interaction-service-timeout"`
	Quiet              bool          `help:"Log warnings and errors only." env:"QM_QUIET" short:"q"`
	LogLevel           string        `help:"The least level of the lines of the log: debug, info, warn or error." enum:"debug,info,warn,error" env:"QM_LOG_LEVEL" default:"info" placeholder:"LEVEL"`
	LogFormat          string        `help:"How the log is written: text or json." enum:"text,json" env:"QM_LOG_FORMAT" default:"text"`
}

// environment is what every command is run with.
type environment struct {
	sharedFlags
	Streams
	logger *slog.Logger
}

func (f sharedFlags) environment(streams Streams) environment {
	var level slog.Level
	_ = level.UnmarshalText([]byte(f.LogLevel)) // one of the four; without any it is info
	if f.Quiet {
		level = max(level, slog.LevelWarn)
	}
	options := &slog.HandlerOptions{Level: level}
	var handler slog.Handler = slog.NewTextHandler(streams.Err, options)
	if f.LogFormat == "json" {
		handler = slog.NewJSONHandler(streams.Err, options)
	}
	return environment{f, streams, telemetry.WithFacts(slog.New(handler), graph.LogFacts)}
}

// defaultDataDir is $XDG_DATA_HOME/qm-compliance, and for root /var/lib/qm-compliance.
func defaultDataDir() string {
	if os.Geteuid() == 0 {
		return "/var/lib/qm-compliance"
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "qm-compliance")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "qm-compliance-data"
	}
	return filepath.Join(home, ".local", "share", "qm-compliance")
}

// embedded reports whether the database runs on the embedded PostgreSQL.
func (f sharedFlags) embedded() bool { return f.Database == "" }

// openMedia opens the file store at --media-url, or else the folder beside the database.
func (f sharedFlags) openMedia(ctx context.Context) (*filestore.Files, error) {
	if f.MediaURL != "" {
		return filestore.Open(ctx, f.MediaURL)
	}
	return filestore.Open(ctx, filepath.Join(f.Data, "media"))
}

// interactionService is a client of --interaction-service-url, or else the embedded service.
func (f sharedFlags) interactionService() (interaction.Service, error) {
	if f.InteractionURL == "" {
		return interaction.Embedded{}, nil
	}
	return interaction.NewClient(interaction.Options{
		URL: f.InteractionURL, Token: f.InteractionToken, Timeout: f.InteractionTimeout,
	})
}

// database is an open connection to PostgreSQL, whatever the structure of its tables.
type database struct {
	pool   *pgxpool.Pool
	bun    *bun.DB
	url    string
	server *postgres.Server // the embedded server; nil with --database-url
}

// openDatabase connects to the PostgreSQL at --database-url, or else to the embedded one, which it starts if
// it does not run yet. Bounds limit the connections and what runs on them; their number is the flags'.
func (e environment) openDatabase(ctx context.Context, bounds db.PoolOptions) (*database, error) {
	opened := &database{url: e.Database}
	if e.embedded() {
		server, err := postgres.Start(ctx, postgres.Options{
			Dir: e.Data, Logger: e.logger, Watch: true, Keep: true,
		})
		if err != nil {
			return nil, err
		}
		opened.server, opened.url = server, server.URL()
	}
	bounds.Connections, bounds.Unprepared = e.Connections, e.Unprepared
	var err error
	if opened.pool, opened.bun, err = db.ConnectWith(ctx, opened.url, bounds); err != nil {
		return nil, errors.Join(err, opened.stop())
	}
	return opened, nil
}

// close disconnects from the database, and stops the embedded server if nobody else uses it.
func (d *database) close() error {
	err := d.bun.Close()
	d.pool.Close()
	return errors.Join(err, d.stop())
}

func (d *database) stop() error {
	if d.server == nil {
		return nil
	}
	return d.server.Close()
}

// withDatabase runs do on a database that is open as long.
func (e environment) withDatabase(ctx context.Context, do func(*database) error) (err error) {
	opened, err := e.openDatabase(ctx, db.PoolOptions{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.close()) }()
	return do(opened)
}
