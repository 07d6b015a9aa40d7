package store

import "context"

// Recognise makes sure that this is the store that somebody remembers, who is told its id and answers with the one remembered. Another store, such as the empty
// folder of a disk that is not mounted, has none of the files, and every one of them would look deleted.
//
// It fails with ErrUnavailable or context.Canceled, or with the error of remembered.
func (s *Store) Recognise(ctx context.Context, remembered func(ctx context.Context, id string) (string, error)) error {
	const op = "recognising the media store"
	id, err := s.kind.identity(ctx)
	if err != nil {
		return fail(op, err)
	}
	known, err := remembered(ctx, id)
	if err != nil || known == id {
		return err
	}
	return &Error{Op: op, Kind: ErrUnavailable, Reason: "it is not the one that the recordings lie in; check its address (MEDIA_URL), and whether its disk is " +
		"mounted. Where the recordings were moved, " + markerName + " has to move with them; it has to read " + known}
}
