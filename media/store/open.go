package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/memblob"
	"gocloud.dev/blob/s3blob"
)

const folderMode = 0o700

// Open opens the store that a url names: file:///folder or a path (made where there is none, readable by this user alone), s3://bucket with the query
// parameters of gocloud.dev (region, endpoint, use_path_style and so on; credentials come from the usual environment of AWS), or mem:// for tests. Whether an
// S3 store can be reached is not tried; see Check. Errors hold no credentials.
func Open(ctx context.Context, location string) (*Store, error) {
	scheme, _, hasScheme := strings.Cut(location, "://")
	switch {
	case location == "":
		return nil, wrong("is empty")
	case !hasScheme:
		return openFolder(location)
	case scheme == "mem":
		return &Store{bucket: memblob.OpenBucket(nil)}, nil
	case scheme == "file":
		return openFileURL(location)
	case scheme == "s3":
		return openS3(ctx, location)
	}
	return nil, wrong(fmt.Sprintf("begins with %q", scheme+"://"))
}

func wrong(what string) error {
	return fmt.Errorf("MEDIA_URL %s; it should be a folder, file:///FOLDER, s3://BUCKET?region=REGION, or mem:// for tests", what)
}

func openFileURL(location string) (*Store, error) {
	address, err := url.Parse(location)
	if err != nil || address.Path == "" || (address.Host != "" && address.Host != "localhost") || address.RawQuery != "" {
		return nil, wrong("is no url of a folder on this machine")
	}
	return openFolder(filepath.FromSlash(address.Path))
}

// openFolder keeps temporary files in the folder itself, so that they never cross file systems and are found when a process was killed; and no side files.
func openFolder(folder string) (*Store, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(folder, folderMode); err != nil {
		return nil, fmt.Errorf("the folder for media files cannot be made: %w", reason(err))
	}
	bucket, err := fileblob.OpenBucket(folder, &fileblob.Options{NoTempDir: true, Metadata: fileblob.MetadataDontWrite, DirFileMode: folderMode})
	if err != nil {
		return nil, fmt.Errorf("the folder for media files cannot be used: %w", reason(err))
	}
	return &Store{bucket: bucket, folder: folder}, nil
}

func openS3(ctx context.Context, location string) (*Store, error) {
	address, err := url.Parse(location)
	if err != nil || address.Host == "" || address.User != nil {
		return nil, wrong("is no url of an S3 bucket")
	}
	mux := new(blob.URLMux)
	mux.RegisterBucket(s3blob.Scheme, &s3blob.URLOpener{})
	bucket, err := mux.OpenBucketURL(ctx, address)
	if err != nil {
		return nil, errors.New("MEDIA_URL has a query parameter that is not understood, or the AWS configuration of this machine is wrong; it should read s3://BUCKET?region=REGION, for other S3 servers with &endpoint=URL&use_path_style=true")
	}
	return &Store{bucket: bucket, name: address.Host}, nil
}

// reason is an error without the path that it happened at.
func reason(err error) error {
	var at *os.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
