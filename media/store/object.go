package store

import (
	"context"
	"errors"
	"io"
)

// Object is a stored file that is being read. It is read from where Seek left it; seeking by itself reads nothing, so that a part of a large file
// costs no more than that part. It is for one reader at a time.
type Object struct {
	store  *Store
	ctx    context.Context
	key    string
	size   int64
	offset int64
	reader io.ReadCloser
}

// Open opens a file for reading; ctx bounds the reading too. ErrNotFound says that there is none.
func (s *Store) Open(ctx context.Context, key string) (*Object, error) {
	attributes, err := s.bucket.Attributes(ctx, key)
	if err != nil {
		return nil, explain(err)
	}
	return &Object{store: s, ctx: ctx, key: key, size: attributes.Size}, nil
}

// Size is the length in bytes.
func (o *Object) Size() int64 { return o.size }

// Read reads on.
func (o *Object) Read(p []byte) (int, error) {
	if o.offset >= o.size {
		return 0, io.EOF
	}
	if o.reader == nil {
		reader, err := o.store.bucket.NewRangeReader(o.ctx, o.key, o.offset, -1, nil)
		if err != nil {
			return 0, explain(err)
		}
		o.reader = reader
	}
	n, err := o.reader.Read(p)
	o.offset += int64(n)
	if err != nil && err != io.EOF {
		err = explain(err)
	}
	return n, err
}

// Seek moves to where reading goes on.
func (o *Object) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += o.offset
	case io.SeekEnd:
		offset += o.size
	}
	if offset < 0 {
		return 0, errors.New("there is nothing before the beginning of a file")
	}
	if offset == o.offset {
		return offset, nil
	}
	o.offset = offset
	return offset, o.Close()
}

// Close lets go of the file.
func (o *Object) Close() error {
	if o.reader == nil {
		return nil
	}
	reader := o.reader
	o.reader = nil
	return reader.Close()
}
