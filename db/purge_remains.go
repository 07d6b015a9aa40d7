package db

import (
	"context"
	"time"
)

// inspect reports what the server is set up to keep beyond this program's reach.
func (p *purge) inspect(ctx context.Context) error {
	for _, kept := range []struct{ query, remains string }{
		{"SELECT current_setting('archive_mode') <> 'off'", "the server archives its write-ahead log: the archive holds old values for as long as it is kept"},
		{"SELECT EXISTS (SELECT FROM pg_replication_slots)", "replication slots keep the write-ahead log until their consumers have read it"},
		{"SELECT EXISTS (SELECT FROM pg_stat_replication)", "replicas keep dead rows and log of their own: they follow the rewriting, but their log and archives are to be looked after there"},
		{"SELECT current_setting('wal_recycle')::boolean", "the server uses the files of its write-ahead log again without wiping them (wal_recycle = on): old values stay in them until they are written over"},
		{"SELECT current_setting('wal_keep_size') <> '0'", "the server keeps write-ahead log for replicas (wal_keep_size)"},
	} {
		var there bool
		if err := p.conn.NewRaw(kept.query).Scan(ctx, &there); err != nil {
			return err
		}
		if there {
			p.remains("%s", kept.remains)
		}
	}
	return p.inspectUploads(ctx)
}

// inspectUploads reports recordings in the media store that no conversation has: this command does not touch the
// media store.
func (p *purge) inspectUploads(ctx context.Context) error {
	var count int
	var until time.Time
	const query = "SELECT count(*), coalesce(max(remove_after), now()) FROM loose_media"
	if err := p.conn.NewRaw(query).Scan(ctx, &count, &until); err != nil {
		return err
	}
	if count > 0 {
		p.remains("recordings in the media store that belong to no conversation, such as those of an import that was"+
			" broken off (%d): delete-media removes them, the last one from %s on", count, until.UTC().Format(time.RFC3339))
	}
	return nil
}

// LoggingSetting is a setting of the server by which it would log statements, or the values in them.
type LoggingSetting struct {
	// Name and Value are as in force, Better is what keeps values out of the log.
	Name, Value, Better string
}

// LoggingSettings lists the settings in force that would let personal data into the server's log; none where it is set up well.
func (s *Store) LoggingSettings(ctx context.Context) ([]LoggingSetting, error) {
	const query = `
SELECT name, setting AS value, better FROM pg_settings JOIN (VALUES
    ('log_statement', 'none'), ('log_min_duration_statement', '-1'), ('log_min_duration_sample', '-1'), ('log_transaction_sample_rate', '0'),
    ('log_min_error_statement', 'panic'), ('log_error_verbosity', 'terse'), ('log_parameter_max_length_on_error', '0')) AS wanted (name, better) USING (name)
 WHERE setting <> better
UNION ALL
SELECT name, setting AS value, 'without auto_explain' AS better FROM pg_settings
 WHERE name IN ('shared_preload_libraries', 'session_preload_libraries') AND setting LIKE '%auto_explain%'
 ORDER BY name`
	var leaks []LoggingSetting
	err := s.db.NewRaw(query).Scan(ctx, &leaks)
	return leaks, err
}
