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
)

// Options say which server is wanted.
type Options struct {
	// Dir is the data directory of the program; the server lives in Dir/postgres. It is made where it does not exist.
	Dir string
	// Logger is told what takes time, such as fetching binaries; required.
	Logger *slog.Logger
	// Finder looks for the binaries.
	Finder Finder
	// Settings are further settings of PostgreSQL, over this package's own.
	Settings map[string]string
	// Throwaway is for tests: nothing is kept safe from a crash of the machine, and whatever an earlier run left is thrown away.
	Throwaway bool
}

// The database and the user that the program works with.
const (
	database = "qm_compliance"
	user     = "qm_compliance"
)

// Server is a running PostgreSQL that this process uses. Close leaves it.
type Server struct {
	home    home
	options Options
	users   *lockFile
}

// Start starts the server of a directory, or joins the one that is running there. The error says what stands in the way and how to get round it.
func Start(ctx context.Context, options Options) (*Server, error) {
	home, err := openHome(options.Dir)
	if err != nil {
		return nil, err
	}
	starting, err := lockExclusive(ctx, home.startLock())
	if err != nil {
		return nil, err
	}
	defer starting.release()
	server := &Server{home: home, options: options}
	if err := server.startOrJoin(ctx); err != nil {
		return nil, err
	}
	if server.users, err = lockShared(home.usersLock()); err != nil {
		return nil, err
	}
	return server, nil
}

func (s *Server) startOrJoin(ctx context.Context) error {
	if s.answers(ctx) == nil {
		return nil
	}
	if s.options.Throwaway {
		if err := s.home.clear(); err != nil {
			return err
		}
	}
	binaries, err := s.options.Finder.Find(ctx, s.options.Logger)
	if err != nil {
		return err
	}
	if err := s.home.prepare(ctx, binaries, s.options); err != nil {
		return err
	}
	if err := s.launch(ctx, binaries); err != nil {
		return err
	}
	return s.createDatabase(ctx)
}

// URL is the address of the program's database, for pgx.
func (s *Server) URL() string { return s.address(database) }

// AdminURL is the address of the maintenance database, by which databases can be made and dropped.
func (s *Server) AdminURL() string { return s.address("postgres") }

func (s *Server) address(name string) string {
	query := url.Values{"host": {s.home.socketDir()}}
	return (&url.URL{Scheme: "postgres", User: url.User(user), Path: "/" + name, RawQuery: query.Encode()}).String()
}

// Dir is the folder of PostgreSQL's own files: tables, indexes, write-ahead log.
func (s *Server) Dir() string { return s.home.dataDir() }

// LogFile is the server's own log.
func (s *Server) LogFile() string { return s.home.logFile() }

// answers reports whether a server takes connections, nil where it does.
func (s *Server) answers(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.AdminURL())
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

func (s *Server) createDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.AdminURL())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	var there bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", database).Scan(&there); err != nil || there {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{database}.Sanitize())
	return err
}

const stopTimeout = 30 * time.Second

// Close leaves the server, and stops it where nobody else uses it. It is to be called once.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	starting, err := lockExclusive(ctx, s.home.startLock())
	if err != nil {
		return err
	}
	defer starting.release()
	s.users.release()
	last, err := tryExclusive(s.home.usersLock())
	if err != nil || last == nil {
		return err
	}
	defer last.release()
	return s.stop(ctx)
}

// logTail is the end of the server's log, for the error of a start that failed.
func (s *Server) logTail() string {
	const tail = 600
	content, err := os.ReadFile(s.home.logFile())
	if err != nil {
		return "it left no log"
	}
	return string(content[max(0, len(content)-tail):])
}

func (s *Server) failed(err error) error {
	return fmt.Errorf("PostgreSQL in %s did not start: %w. Its log (%s) ends with:\n%s", s.home.dir, err, filepath.Base(s.home.logFile()), s.logTail())
}

var errEnded = errors.New("it ended by itself")
