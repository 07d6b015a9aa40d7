package db

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/uptrace/bun"
)

// Probe looks at the database over a connection of its own, so that it gets an answer however many statements
// keep the others busy. It is safe for concurrent use; calls take turns.
type Probe struct {
	watched, own *pgxpool.Pool
	bun          *bun.DB
}

// NewProbe makes a probe for the database of a pool. It connects when it is used. The caller closes it.
func NewProbe(ctx context.Context, watched *pgxpool.Pool) (*Probe, error) {
	config := watched.Config()
	config.MaxConns, config.MinConns, config.MinIdleConns = 1, 0, 0
	own, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	return &Probe{watched: watched, own: own, bun: PoolOptions{}.bun(own)}, nil
}

// Writable returns nil where the database takes changes, ErrReadOnly where it takes none, and any other error
// where it cannot be asked. Where it takes none, the probe and the pool that it watches open new connections,
// which go to the new primary if the address names it.
func (p *Probe) Writable(ctx context.Context) error {
	const query = "SELECT current_setting('transaction_read_only')::boolean OR pg_is_in_recovery()"
	var readOnly bool
	if err := p.own.QueryRow(ctx, query).Scan(&readOnly); err != nil {
		return err
	}
	if !readOnly {
		return nil
	}
	p.own.Reset()
	p.watched.Reset()
	return ErrReadOnly
}

// Database is the probe's connection, for further questions.
func (p *Probe) Database() *bun.DB { return p.bun }

// Close closes the connection.
func (p *Probe) Close() error {
	err := p.bun.Close()
	p.own.Close()
	return err
}
