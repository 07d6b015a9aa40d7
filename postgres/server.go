// Package postgres is the embedded PostgreSQL: a real server in the program's data directory, for the
// demo, for installations that have no other, and for the tests (design, section 10).
//
// # Who may reach it
//
// The server listens on a unix socket in a folder that only its user and root can enter, and nowhere
// else. Run by root, it is handed to the user postgres, else nobody, since PostgreSQL refuses root; a
// directory that another user has made is served as that user.
//
// # Who uses it
//
// The first process that needs the server starts it, every process that names the same directory shares
// it, and the last one to leave stops it. Locks of the operating system, which end with their holders,
// say who is there:
//
//   - start.lock is held while a process starts, joins or leaves, by one at a time;
//   - users.lock is held, together, by all who use the server; the process that gets it alone is the
//     last;
//   - server.lock is held by the server itself, which inherits it: while it is held there is a server,
//     whatever postmaster.pid says;
//   - watcher.lock is held by the watcher.
//
// So a kill -9 of one user takes the server from nobody else, and a server that was itself killed is started
// anew, at once by a user with Options.Keep. If its last user was killed, the next start finds the server and
// uses it. With Options.Watch the server does not even wait for that: the first user also starts a watcher, a
// small process of the same program (see RunWatcher) that looks once a second whether anybody is left, and
// stops the server if not. It looks instead of waiting for users.lock: a waiting watcher would hold that lock
// for a moment when it gets it, and a process that leaves just then could not distinguish it from another
// user.
//
// # What it leaves behind
//
// Its settings leave nothing behind that anonymizing has removed: no statement and no error's text is
// logged, and no write-ahead log is used again before it is wiped (design, section 4). The log begins
// anew at each start. What a crash left of a table that was being rewritten is found, overwritten and removed
// at the next start, and by Server.WipeLeftovers.
//
// On Windows, where locks are not inherited and there is no signal to stop the server, it is ended hard
// and recovers at its next start.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Options say which server is wanted.
type Options struct {
	// Dir is the data directory of the program; the server lives in Dir/postgres. It is made if it
	// does not exist.
	Dir string
	// Logger gets what takes time, such as fetching binaries; nil means no log.
	Logger *slog.Logger
	// Finder looks for the binaries; the zero Finder does.
	Finder Finder
	// Settings are further settings of PostgreSQL, over this package's own. They apply if this process
	// starts the server; a process that joins takes it as it is.
	Settings map[string]string
	// Fast is for tests: nothing is kept safe from a crash of the machine. What an earlier run left is
	// deleted at the start, and what this one leaves when its last user goes.
	Fast bool
	// Watch starts a watcher beside the server, which stops it when all its users were killed. Only a
	// program that calls RunWatcher first thing may ask for it.
	Watch bool
	// Keep starts the server again whenever it has ended by itself, or was killed, until Close: with growing
	// delays, which the log tells. Of several users that ask for it one starts it, and the others join.
	Keep bool
}

// The database and the user that the program works with.
const (
	database = "qm_compliance"
	user     = "qm_compliance"
)

// Server is a running PostgreSQL that this process uses. Close leaves it. It is safe for concurrent use.
type Server struct {
	home    home
	options Options
	// socket is the folder in which the server listens.
	socket string
	users  *lockFile
	keeper *keeper // nil without Options.Keep
}

// Running reports whether a process of the server is there, whether or not it answers.
func (s *Server) Running() bool {
	gone, err := s.home.serverIsGone()
	return err == nil && !gone
}

// Restarts returns how often this process has started the server again, or joined it again, after it had ended;
// it does so with Options.Keep alone.
func (s *Server) Restarts() int {
	if s.keeper == nil {
		return 0
	}
	return int(s.keeper.restarts.Load())
}

// Start starts the server of a directory, or joins the one that is running there, and returns when it
// answers. The error says what is in the way and how to get round it; whatever was started by then is
// stopped again. The server outlives the context.
func Start(ctx context.Context, options Options) (*Server, error) {
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	home, err := openHome(options.Dir)
	if err != nil {
		return nil, err
	}
	starting, err := home.lockExclusive(ctx, home.startLock())
	if err != nil {
		return nil, err
	}
	defer starting.release()
	server := &Server{home: home, options: options, socket: home.socketDir()}
	if server.users, err = home.lockShared(home.usersLock()); err != nil {
		return nil, err
	}
	if err := server.startOrJoin(ctx); err != nil {
		server.users.release()
		return nil, err
	}
	if options.Watch {
		server.watch(ctx)
	}
	if options.Keep {
		server.keeper = server.keep(ctx)
	}
	return server, nil
}

// URL is the address of the program's database, for pgx.
func (s *Server) URL() string { return s.address(database) }

// AdminURL is the address of the maintenance database, by which databases can be made and dropped.
func (s *Server) AdminURL() string { return s.address("postgres") }

func (s *Server) address(name string) string {
	query := url.Values{"host": {s.socket}}
	address := url.URL{Scheme: "postgres", User: url.User(user), Path: "/" + name, RawQuery: query.Encode()}
	return address.String()
}

// Dir is the folder of PostgreSQL's own files: tables, indexes, write-ahead log.
func (s *Server) Dir() string { return s.home.dataDir() }

// LogFile is the server's own log.
func (s *Server) LogFile() string { return s.home.logFile() }

const stopTimeout = 60 * time.Second

// Close leaves the server, and stops it if nobody else uses it. Call it once, after the last
// connection is closed.
func (s *Server) Close() error {
	if s.keeper != nil {
		s.keeper.stop()
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	starting, err := s.home.lockExclusive(ctx, s.home.startLock())
	if err != nil {
		s.users.release()
		return err
	}
	defer starting.release()
	s.users.release()
	_, err = s.home.stopUnused(ctx, s.options.Fast)
	return err
}

// stopUnused stops the server if nobody uses it. It is called under the start lock.
func (h home) stopUnused(ctx context.Context, fast bool) (stopped bool, err error) {
	last, err := h.tryExclusive(h.usersLock())
	if err != nil || last == nil {
		return false, err
	}
	defer last.release()
	if !fast {
		return true, h.stop(ctx, fastShutdown)
	}
	if err := h.stop(ctx, immediateShutdown); err != nil {
		return false, err
	}
	return true, h.clear()
}

// open connects to the program's database, makes it if there is none yet, and disconnects.
func (s *Server) open(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.URL())
	switch {
	case err == nil:
		return conn.Close(ctx)
	case hasCode(err, noSuchDatabase):
		return s.createDatabase(ctx)
	case hasCode(err, tooManyConnections): // it is there, and busy
		return nil
	}
	return err
}

// The codes with which PostgreSQL refuses a connection.
const (
	noSuchDatabase        = "3D000"
	insufficientPrivilege = "42501"
	tooManyConnections    = "53300"
	cannotConnectNow      = "57P03" // it starts, recovers or stops
)

func hasCode(err error, code string) bool {
	var answer *pgconn.PgError
	return errors.As(err, &answer) && answer.Code == code
}

func (s *Server) createDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.AdminURL())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{database}.Sanitize())
	return err
}

// failed is the error of a start, with the end of the server's log.
func (s *Server) failed(err error) error {
	words, readErr := os.ReadFile(s.home.logFile())
	if readErr != nil || len(words) == 0 {
		words = []byte("(nothing)")
	}
	return fmt.Errorf("PostgreSQL in %s did not start: %w. If its log does not explain the failure, "+
		"choose another data directory with --data. Its log (%s) ends with:\n%s",
		s.home.dir, err, filepath.Base(s.home.logFile()), lastWords(words))
}

// startTimeout is long, because a server that was killed may have much to recover.
const startTimeout = 5 * time.Minute

// patience is how long a start may take before it is logged that it waits.
const patience = 3 * time.Second

// startOrJoin is called under the start lock.
func (s *Server) startOrJoin(ctx context.Context) error {
	late := fmt.Errorf("it was not ready within %s", startTimeout)
	ctx, cancel := context.WithTimeoutCause(ctx, startTimeout, late)
	defer cancel()
	slow := time.AfterFunc(patience, func() {
		s.options.Logger.InfoContext(ctx, "PostgreSQL is not ready yet; after a crash it has to recover first",
			"log", s.home.logFile())
	})
	defer slow.Stop()
	free, err := s.join(ctx)
	if err != nil || free == nil {
		return err
	}
	defer free.release()
	return s.start(ctx, free)
}

// join waits until the directory's server answers, or is gone. If there is none, it returns the
// server's lock.
func (s *Server) join(ctx context.Context) (free *lockFile, err error) {
	var lastErr error
	err = poll(ctx, func() (done bool, err error) {
		if running, there := s.home.running(); there && running.ready {
			s.socket = running.socketDir
			if lastErr = s.open(ctx); lastErr == nil {
				return true, nil
			}
			if answered(lastErr) && !hasCode(lastErr, cannotConnectNow) {
				return false, lastErr
			}
		}
		free, err = s.home.tryExclusive(s.home.serverLock())
		return free != nil, err
	})
	if err != nil {
		return nil, s.failed(errors.Join(err, lastErr))
	}
	return free, nil
}

// answered reports whether PostgreSQL itself has answered with an error, rather than been unreachable.
func answered(err error) bool {
	var answer *pgconn.PgError
	return errors.As(err, &answer)
}

// start makes what is missing and starts a server, which inherits the lock.
func (s *Server) start(ctx context.Context, free *lockFile) error {
	s.socket = s.home.socketDir()
	if s.options.Fast {
		if err := s.home.clear(); err != nil {
			return unusable(filepath.Dir(s.home.dir), err)
		}
	}
	made, err := s.home.madeBy()
	if err != nil {
		return err
	}
	need := requirement{major: made, user: s.home.owner, dir: s.home.dir}
	programs, err := s.options.Finder.find(ctx, need, s.options.Logger)
	if err != nil {
		return err
	}
	if err := s.home.prepare(ctx, programs, made, s.options.Fast); err != nil {
		return err
	}
	if err := s.launch(ctx, programs, free); err != nil {
		return err
	}
	if made != 0 {
		s.wipeAtStart(ctx)
	}
	return nil
}
