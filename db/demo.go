package db

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"
)

// demoMark is the entry that tells a demo's database from any other; its value is the time that the demo's
// conversations count from.
const (
	demoMark       = "demo"
	demoLoadedMark = "demo loaded"
)

// ErrNotDemo says that a database holds conversations that no demo has put there.
var ErrNotDemo = errors.New("this database contains conversations that are not demo data; " +
	"choose a separate data directory with --data, or another DATABASE_URL")

// DemoBase returns the time from which the demo's conversations in this database count, nil where they were
// never loaded. A database that holds anything else is ErrNotDemo, so that a demo never mixes with real
// conversations.
func (s *Store) DemoBase(ctx context.Context) (*time.Time, error) {
	var value []byte
	err := s.db.NewRaw("SELECT value FROM installation WHERE name = ?", demoMark).Scan(ctx, &value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, s.checkEmpty(ctx)
	}
	if err != nil {
		return nil, err
	}
	base := new(time.Time)
	return base, base.UnmarshalText(value)
}

func (s *Store) checkEmpty(ctx context.Context) error {
	var used bool
	if err := s.db.NewRaw("SELECT EXISTS (SELECT FROM conversations)").Scan(ctx, &used); err != nil {
		return err
	}
	if used {
		return ErrNotDemo
	}
	return nil
}

// MarkDemo makes a demo's database of this one, before anything is loaded into it.
func (s *Store) MarkDemo(ctx context.Context, base time.Time) error {
	value, err := base.MarshalText()
	if err != nil {
		return err
	}
	_, err = s.db.NewRaw("INSERT INTO installation (name, value) VALUES (?, ?)", demoMark, value).Exec(ctx)
	return err
}

// DemoLoaded reports whether the demo's conversations were all loaded; a load that was interrupted is to be
// done again.
func (s *Store) DemoLoaded(ctx context.Context) (loaded bool, err error) {
	const query = "SELECT EXISTS (SELECT FROM installation WHERE name = ?)"
	err = s.db.NewRaw(query, demoLoadedMark).Scan(ctx, &loaded)
	return loaded, err
}

// MarkDemoLoaded remembers that there is nothing left to load.
func (s *Store) MarkDemoLoaded(ctx context.Context) error {
	const insert = "INSERT INTO installation (name, value) VALUES (?, '') ON CONFLICT DO NOTHING"
	_, err := s.db.NewRaw(insert, demoLoadedMark).Exec(ctx)
	return err
}

// DemoMedia lists what a demo's database has in the file store, nothing where the database is empty. Any
// other database is ErrNotDemo.
func DemoMedia(ctx context.Context, db *bun.DB) (keys []string, err error) {
	var there bool
	const query = "SELECT to_regclass('loose_media') IS NOT NULL"
	if err := db.NewRaw(query).Scan(ctx, &there); err != nil || !there {
		return nil, err
	}
	store := &Store{db: db, now: time.Now}
	if _, err := store.DemoBase(ctx); err != nil {
		return nil, err
	}
	const stored = `
SELECT store_key FROM media_files WHERE store_key <> '' UNION SELECT store_key FROM loose_media ORDER BY 1`
	err = db.NewRaw(stored).Scan(ctx, &keys)
	return keys, err
}

// ClearDemo deletes everything in a demo's database, so that it has to be migrated again. Any other
// database is ErrNotDemo.
func ClearDemo(ctx context.Context, db *bun.DB) error {
	var there bool
	const query = "SELECT to_regclass('installation') IS NOT NULL"
	if err := db.NewRaw(query).Scan(ctx, &there); err != nil || !there {
		return err
	}
	store := &Store{db: db, now: time.Now}
	if _, err := store.DemoBase(ctx); err != nil {
		return err
	}
	_, err := db.NewRaw("DROP SCHEMA public CASCADE; CREATE SCHEMA public").Exec(ctx)
	return err
}
