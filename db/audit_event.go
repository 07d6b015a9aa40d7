package db

import (
	"context"
	"database/sql"
	"errors"
)

// AuditEvent finds one event of the log, nil where there is none with this id.
func (s *Store) AuditEvent(ctx context.Context, id int64) (*AuditEvent, error) {
	event := new(AuditEvent)
	err := s.db.NewSelect().Model(event).Where("a.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return event, err
}
