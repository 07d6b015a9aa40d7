package filestore_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"qm-compliance/media/filestore"
	"qm-compliance/media/filestore/s3test"
)

// TestInspectMakesNothing looks at stores that are not there, or have no marker yet.
func TestInspectMakesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "media")
	for _, address := range []string{dir, "file://" + filepath.ToSlash(dir)} {
		found, err := filestore.Inspect(t.Context(), address)
		if err != nil || found.Exists || found.Kind != filestore.Folder || found.WasTried {
			t.Errorf("no folder: %+v, %v", found, err)
		}
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder was made: %v", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	found, err := filestore.Inspect(t.Context(), dir)
	if err != nil || !found.Exists || found.ID != "" || found.WasTried {
		t.Errorf("an empty folder: %+v, %v", found, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("the folder has %v, %v", entries, err)
	}
	raw := s3test.Start(t)
	found, err = filestore.Inspect(t.Context(), raw)
	if err != nil || !found.Exists || found.ID != "" || !found.WasTried || found.Tried != nil {
		t.Errorf("an empty bucket: %+v, %v", found, err)
	}
	list, err := s3test.Client(s3test.Endpoint(t, raw)).ListObjectsV2(t.Context(),
		&s3.ListObjectsV2Input{Bucket: aws.String(s3test.Bucket)})
	if err != nil || len(list.Contents) != 0 {
		t.Errorf("the bucket has %v, %v", list, err)
	}
}

func TestInspectTriesAStore(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "media")
	open(t, dir)
	found, err := filestore.Inspect(t.Context(), dir)
	if err != nil || !found.WasTried || found.Tried != nil || found.ID == "" || found.Open || found.Dir != dir {
		t.Errorf("a store: %+v, %v", found, err)
	}
	for _, address := range []string{"", "ftp://x", "s3://"} {
		if _, err := filestore.Inspect(t.Context(), address); !errors.Is(err, filestore.ErrAddress) {
			t.Errorf("%q: %v", address, err)
		}
	}
}
