package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Kind is a kind of store.
type Kind string

// The kinds of stores.
const (
	Folder Kind = "folder"
	Bucket Kind = "bucket"
	Memory Kind = "memory"
)

// Inspection is what there is to know about a store, for who judges whether it is sound.
type Inspection struct {
	Kind Kind
	// Dir is the path of a folder, else empty.
	Dir string
	// Exists reports whether the folder or the bucket is there; ID is the id in its marker, empty where it has none.
	Exists bool
	ID     string
	// Open reports whether others than its owner may enter a folder.
	Open bool
	// Versions reports whether a bucket keeps what is deleted as old versions. Locked says for how long a bucket refuses to
	// delete what is stored in it (object lock), empty for not at all. Replicated reports whether it copies its objects to
	// another bucket. Public reports whether everybody may read it.
	Versions, Replicated, Public bool
	Locked                       string
	// Tried is the error of Files.Check, nil where it found nothing. WasTried is false where Check would leave something
	// behind, or make a store.
	WasTried bool
	Tried    error
}

// Inspect looks at the store at an address as Open takes it. Unlike Open it makes no store where there is none. Where
// nothing would stay of it, it stores, reads and deletes one byte. It fails with ErrAddress or ErrUnavailable.
func Inspect(ctx context.Context, rawURL string) (Inspection, error) {
	if dir, is := folderOf(rawURL); is {
		return inspectFolder(ctx, dir)
	}
	files, err := Open(ctx, rawURL)
	if err != nil {
		return Inspection{}, err
	}
	defer func() { _ = files.Close() }()
	bucket, is := files.kind.(remote)
	if !is {
		return Inspection{Kind: Memory, Exists: true, WasTried: true, Tried: files.Check(ctx)}, nil
	}
	found, err := bucket.inspect(ctx)
	if err == nil && found.Exists && found.Locked == "" {
		found.WasTried, found.Tried = true, files.Check(ctx)
	}
	return found, fail("looking at the media store", err)
}

// folderOf returns the folder that an address names, if it names one.
func folderOf(rawURL string) (dir string, is bool) {
	if rawURL != "" && !strings.Contains(rawURL, "://") {
		return rawURL, true
	}
	u, err := url.Parse(rawURL)
	if err != nil || u.Scheme != "file" || u.Path == "" {
		return "", false
	}
	return filepath.FromSlash(u.Path), true
}

func inspectFolder(ctx context.Context, dir string) (Inspection, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Inspection{}, fail(opOpen, err)
	}
	found := Inspection{Kind: Folder, Dir: dir}
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return found, nil
	}
	if err != nil {
		return found, fail(opOpen, err)
	}
	found.Exists, found.Open = true, info.Mode().Perm()&0o077 != 0
	found.ID, err = folder{dir: dir}.readMarker()
	if errors.Is(err, fs.ErrNotExist) {
		return found, nil
	}
	if err != nil {
		return found, fail(opOpen, err)
	}
	files, err := openFolder(dir)
	if err != nil {
		return found, err
	}
	defer func() { _ = files.Close() }()
	found.WasTried, found.Tried = true, files.Check(ctx)
	return found, nil
}

// inspect asks the service about its bucket. What it may not be asked, or does not know, counts as absent.
func (r remote) inspect(ctx context.Context) (Inspection, error) {
	found := Inspection{Kind: Bucket}
	_, err := r.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &r.name})
	if errors.Is(fail(opOpen, err), ErrNotFound) {
		return found, nil
	}
	if err != nil {
		return found, err
	}
	found.Exists = true
	if found.ID, err = r.marker(ctx); err != nil && !isGone(err) {
		return found, err
	}
	if versions, err := r.client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &r.name}); err == nil {
		found.Versions = versions.Status != ""
	}
	lock, err := r.client.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &r.name})
	if err == nil {
		found.Locked = lockedFor(lock.ObjectLockConfiguration)
	}
	copied, err := r.client.GetBucketReplication(ctx, &s3.GetBucketReplicationInput{Bucket: &r.name})
	found.Replicated = err == nil && copied.ReplicationConfiguration != nil && len(copied.ReplicationConfiguration.Rules) > 0
	shown, err := r.client.GetBucketPolicyStatus(ctx, &s3.GetBucketPolicyStatusInput{Bucket: &r.name})
	found.Public = err == nil && shown.PolicyStatus != nil && aws.ToBool(shown.PolicyStatus.IsPublic)
	return found, nil
}

// lockedFor says for how long a bucket keeps what is stored in it, empty for not at all.
func lockedFor(lock *types.ObjectLockConfiguration) string {
	if lock == nil || lock.Rule == nil || lock.Rule.DefaultRetention == nil {
		return ""
	}
	kept := lock.Rule.DefaultRetention
	if days := aws.ToInt32(kept.Days); days > 0 {
		return fmt.Sprintf("%d days", days)
	}
	return fmt.Sprintf("%d years", aws.ToInt32(kept.Years))
}
