package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// startPatience is how long a start waits for transactions of others that have connected already.
const startPatience = 10 * time.Second

// wipeAtStart wipes what a crash has left. The server works without it, and the command purge tries again, so
// a failure is only logged.
func (s *Server) wipeAtStart(ctx context.Context) {
	wiped, err := s.WipeLeftovers(ctx, startPatience)
	if err != nil {
		s.options.Logger.WarnContext(ctx,
			"files that a crash of PostgreSQL left may still hold copies of rows; run qm-compliance purge", "error", err)
	}
	if len(wiped) > 0 {
		s.options.Logger.WarnContext(ctx, "removed files that a crash of PostgreSQL left, with copies of rows",
			"files", len(wiped), "bytes", Bytes(wiped))
	}
}

// Bytes returns how large files are together.
func Bytes(files []Leftover) (sum int64) {
	for _, file := range files {
		sum += file.Bytes
	}
	return sum
}

// WipeLeftovers overwrites and removes what crashes have left of the program's database, and returns what it
// removed. It waits for open transactions, as Leftovers does.
func (s *Server) WipeLeftovers(ctx context.Context, wait time.Duration) ([]Leftover, error) {
	config, err := pgx.ParseConfig(s.URL())
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*config)
	defer func() { _ = db.Close() }()
	leftovers, err := Leftovers(ctx, db, wait)
	if err != nil || len(leftovers) == 0 {
		return nil, err
	}
	return s.wipeAll(ctx, db, leftovers)
}

// wipeAll makes a checkpoint first, after which PostgreSQL has no reason to open one of the files again.
func (s *Server) wipeAll(ctx context.Context, db *sql.DB, leftovers []Leftover) (wiped []Leftover, err error) {
	if _, err := db.ExecContext(ctx, "CHECKPOINT"); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(s.Dir())
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	// While the first piece of a table is there, PostgreSQL gives its number to no other.
	slices.SortFunc(leftovers, func(a, b Leftover) int {
		return cmp.Or(-cmp.Compare(len(a.Path), len(b.Path)), strings.Compare(a.Path, b.Path))
	})
	for _, file := range leftovers {
		if err := wipe(root, file.Path); err != nil {
			return wiped, err
		}
		wiped = append(wiped, file)
	}
	return wiped, nil
}

// wipe overwrites a file with zeros, which reach the disk before it is removed.
func wipe(root *os.Root, path string) error {
	file, err := root.OpenFile(path, os.O_WRONLY|noFollow, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // PostgreSQL was quicker
	}
	if err != nil {
		return err
	}
	if err := errors.Join(overwrite(file), file.Close()); err != nil {
		return err
	}
	if err := root.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func overwrite(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	zeros := make([]byte, 1<<20)
	for left := info.Size(); left > 0; {
		written, err := file.Write(zeros[:min(left, int64(len(zeros)))])
		if err != nil {
			return err
		}
		left -= int64(written)
	}
	return file.Sync()
}
