package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/alecthomas/kong"
	"github.com/uptrace/bun"

	"qm-compliance/auth"
	"qm-compliance/db"
	"qm-compliance/doctor"
	"qm-compliance/media/filestore"
	"qm-compliance/media/interaction"
	"qm-compliance/migrations"
	"qm-compliance/postgres"
)

type doctorCommand struct {
	JSON       bool          `name:"json" help:"Print JSON instead of text."`
	Strict     bool          `help:"End with status 2 for warnings as well."`
	Accept     []string      `help:"A check whose warnings are known and accepted, such as database-copies. Repeatable." env:"QM_DOCTOR_ACCEPT" placeholder:"CHECK"`
	Token      string        `help:"A file with a person's access token, to be checked as a server would check it." type:"existingfile" placeholder:"FILE"`
	Recordings bool          `help:"Compare every file of the store with the database; takes long where there are many."`
	TimeLimit  time.Duration `help:"How long each subject (database, file store, provider, service) may take." default:"20s"`
	// The flags of serve say what an installation is meant to be.
	serveCommand
}

// Run checks an installation whose servers have the same flags and environment, and prints what is wrong and how to fix it.
// It returns errRefused where there is a fault, or, with --strict, a warning.
func (c doctorCommand) Run(ctx context.Context, env environment, parsed *kong.Context) error {
	for _, name := range c.Accept {
		if !slices.Contains(doctor.Names(), name) {
			return fmt.Errorf("--accept %s: there is no such check; the checks are %s", name, strings.Join(doctor.Names(), ", "))
		}
	}
	token, err := c.readToken()
	if err != nil {
		return err
	}
	facts := doctor.Gather(ctx, doctor.Sources{
		Settings: c.settings(parsed),
		Database: func(ctx context.Context) doctor.Database { return c.database(ctx, env) },
		Store:    env.store,
		Provider: func(ctx context.Context) doctor.Provider { return c.provider(ctx, token) },
		Service:  env.service,
		Machine:  func(context.Context) doctor.Machine { return c.machine(env) },
		Contents: func(ctx context.Context) doctor.Contents { return c.contents(ctx, env) },
	}, c.TimeLimit)
	report := doctor.Examine(facts, c.Accept)
	if err := c.print(env.Out, report); err != nil {
		return err
	}
	if report.Faults > 0 || c.Strict && report.Warnings > 0 {
		return errRefused
	}
	return nil
}

func (c doctorCommand) readToken() (string, error) {
	if c.Token == "" {
		return "", nil
	}
	text, err := os.ReadFile(c.Token)
	return strings.TrimSpace(string(text)), err
}

// settings are what the flags of serve say.
func (c doctorCommand) settings(parsed *kong.Context) doctor.Settings {
	settings := doctor.Settings{
		Issuer: c.OIDCIssuer, Audience: c.OIDCAudience, ConsoleClient: c.ConsoleClientID, PublicURL: c.PublicURL,
		Origins: c.AllowOrigin, MediaOrigins: c.ConsoleMediaOrigin, OpenIntrospection: c.Introspection == "everybody",
		Suggestions: c.Suggestions, HSTS: c.HSTS > 0, Redirect: c.PlaybackRedirect, Sockets: c.Sockets,
	}
	for _, flag := range parsed.Flags() {
		if flag.Group != nil && strings.HasPrefix(flag.Group.Title, "Limits") && flag.Target.IsZero() {
			settings.Unlimited = append(settings.Unlimited, "--"+flag.Name)
		}
	}
	return settings
}

// errNoDatabase says that the data directory has no embedded database.
var errNoDatabase = errors.New("there is no database in the data directory (--data), and no other is named (DATABASE_URL); " +
	"the first command that needs one makes it")

func (c doctorCommand) database(ctx context.Context, env environment) doctor.Database {
	if _, err := os.Stat(filepath.Join(env.Data, "postgres")); env.embedded() && err != nil {
		return doctor.Database{Err: errNoDatabase}
	}
	opened, err := env.openDatabase(ctx, db.PoolOptions{})
	if err != nil {
		return doctor.Database{Err: err}
	}
	defer func() { _ = opened.close() }()
	found, err := opened.inspect(ctx)
	if err != nil {
		found.Err = fmt.Errorf("PostgreSQL answers, and cannot be looked at: %s", reasonOf(err))
	}
	return found
}

// reasonOf says why a statement failed, without what PostgreSQL wrote: its texts may repeat values.
func reasonOf(err error) string {
	if outage := db.Unavailable(err); outage != db.Available {
		return string(outage)
	}
	if code := db.RefusalCode(err); code != "" {
		return "it refuses a question (SQLSTATE " + code + ")"
	}
	return "the question failed"
}

func (d *database) inspect(ctx context.Context) (found doctor.Database, err error) {
	config := d.pool.Config()
	found = doctor.Database{Embedded: d.server != nil, Pool: int(config.MaxConns)}
	if tls := config.ConnConfig.TLSConfig; tls != nil {
		found.Verified = !tls.InsecureSkipVerify || tls.VerifyPeerCertificate != nil
	}
	if found.Inspection, err = db.Inspect(ctx, d.bun); err != nil {
		return found, err
	}
	dir := found.Settings["data_directory"]
	if !found.Network && dir != "" {
		if _, err := os.Stat(filepath.Join(dir, "postmaster.pid")); err == nil {
			found.Free = free(dir)
		}
	}
	if found.Rights, err = migrations.CheckRights(ctx, d.bun); err != nil {
		return found, err
	}
	found.Pending, err = migrations.Pending(ctx, d.bun)
	switch {
	case errors.Is(err, migrations.ErrForeign), errors.Is(err, migrations.ErrNewer):
		found.Foreign, err = err, nil
	case lacksRights(err): // which Rights say
		err = nil
	}
	return found, err
}

func lacksRights(err error) bool { return db.RefusalCode(err) == "42501" }

// free is the room on the disk of a folder, nil where it cannot be known.
func free(dir string) *uint64 {
	bytes, err := postgres.FreeSpace(dir)
	if err != nil {
		return nil
	}
	return &bytes
}

func (e environment) store(ctx context.Context) doctor.Store {
	address := e.MediaURL
	if address == "" {
		address = filepath.Join(e.Data, "media")
	}
	found, err := filestore.Inspect(ctx, address)
	if err != nil {
		return doctor.Store{Err: err}
	}
	store := doctor.Store{Inspection: found}
	if found.Kind == filestore.Folder && found.Exists {
		store.Free = free(found.Dir)
	}
	return store
}

// contents compares the file store with the database, where that is asked for and both are there.
func (c doctorCommand) contents(ctx context.Context, env environment) doctor.Contents {
	found := doctor.Contents{Compared: c.Recordings}
	store := doctor.Store{}
	if c.Recordings {
		store = env.store(ctx)
	}
	if store.ID == "" { // opening it would make a store
		return found
	}
	found.Err = env.withDatabase(ctx, func(database *database) error {
		files, err := env.openMedia(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = files.Close() }()
		return compare(ctx, files, database.bun, &found)
	})
	return found
}

// compare counts. What is deleted meanwhile may count as lost: the recordings are counted at the end.
func compare(ctx context.Context, files *filestore.Files, database *bun.DB, found *doctor.Contents) error {
	recordings := 0
	flush := func(keys []string) error {
		known, strays, err := db.CountMedia(ctx, database, keys)
		recordings, found.Strays, found.Files = recordings+known, found.Strays+strays, found.Files+len(keys)
		return err
	}
	var keys []string
	for key, err := range files.Keys(ctx) {
		if err != nil {
			return err
		}
		if keys = append(keys, key); len(keys) == 1000 {
			if err := flush(keys); err != nil {
				return err
			}
			keys = keys[:0]
		}
	}
	if err := flush(keys); err != nil {
		return err
	}
	stored, err := db.CountStored(ctx, database)
	found.Lost = max(stored-recordings, 0)
	return err
}

func (c doctorCommand) provider(ctx context.Context, token string) doctor.Provider {
	if c.OIDCIssuer == "" {
		return doctor.Provider{}
	}
	config := c.oidc(c.ConsoleClientID, nil)
	verifier, err := auth.NewVerifier(config)
	if err != nil {
		return doctor.Provider{Err: err}
	}
	inspection, err := auth.Inspect(ctx, config)
	found := doctor.Provider{Inspection: inspection, Err: err}
	if err != nil || token == "" {
		return found
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	go func() { _ = verifier.Run(running) }()
	viewer, err := verifier.Verify(ctx, token)
	found.Tried, found.Refused = true, err
	if err == nil {
		found.Roles, found.Groups, found.Identified = viewer.Roles, len(viewer.Groups), viewer.UserID != ""
	}
	return found
}

func (e environment) service(ctx context.Context) doctor.Service {
	found := doctor.Service{URL: e.InteractionURL, HasToken: e.InteractionToken != "" || strings.Contains(e.InteractionURL, "@")}
	service, err := e.interactionService()
	if err != nil {
		found.Err = err
		return found
	}
	if client, is := service.(*interaction.Client); is {
		found.Err = client.Try(ctx)
		client.Close()
	}
	return found
}

func (c doctorCommand) machine(env environment) doctor.Machine {
	found := doctor.Machine{OpenFiles: doctor.OpenFiles()}
	for _, source := range []memlimit.Provider{memlimit.FromCgroup, memlimit.FromSystem} {
		bytes, err := source()
		if err == nil && bytes > 0 && bytes < math.MaxInt64 && (found.Memory == 0 || int64(bytes) < found.Memory) {
			found.Memory = int64(bytes)
		}
	}
	chosen, err := c.choose(os.Getenv, memlimit.FromCgroup, env.shareOfMemory())
	if err != nil || chosen.limit == 0 {
		chosen.limit = debug.SetMemoryLimit(-1)
	}
	found.Limit = chosen.limit
	return found
}

// print writes the report as JSON or as a table.
func (c doctorCommand) print(w io.Writer, report doctor.Report) error {
	if c.JSON {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(report)
	}
	widths, p := []int{8, 20, 84}, &tablePrinter{w: w}
	for _, result := range report.Results {
		if len(result.Problems) == 0 {
			p.cells(widths, string(result.Status), result.Check, result.Found)
		}
		for _, problem := range result.Problems {
			p.cells(widths, strings.ToUpper(string(problem.Status)), result.Check, problem.What)
			p.cells(widths, "", "", "  to fix: "+problem.Fix)
		}
	}
	p.line("")
	p.line(fmt.Sprintf("checks with faults: %d, with warnings: %d", report.Faults, report.Warnings))
	return p.err
}
