package db

import (
	"context"

	"github.com/uptrace/bun"
)

// MediaFile returns one file, nil where there is none, or its conversation is not covered by the access.
func (s *Store) MediaFile(ctx context.Context, access Access, id int64) (*MediaFile, error) {
	files, err := s.MediaFiles(ctx, access, []int64{id})
	if err != nil || len(files) == 0 {
		return nil, err
	}
	return files[0], nil
}

// MediaFiles returns files by their ids, in the order of the ids, as far as the access covers their conversations.
func (s *Store) MediaFiles(ctx context.Context, access Access, ids []int64) (files []*MediaFile, err error) {
	if len(ids) == 0 || access.none() {
		return nil, nil
	}
	query := s.db.NewSelect().Model(&files).Join("JOIN conversations AS c ON c.id = f.conversation_id").Where("f.id IN (?)", bun.List(ids))
	if err := access.restrict(query).Scan(ctx); err != nil {
		return nil, err
	}
	byID := map[int64]*MediaFile{}
	for _, file := range files {
		byID[file.ID] = file
	}
	files = files[:0]
	for _, id := range ids {
		if file := byID[id]; file != nil {
			files = append(files, file)
		}
	}
	return files, nil
}
