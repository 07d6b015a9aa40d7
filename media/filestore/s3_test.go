package filestore_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"qm-compliance/media/filestore"
	"qm-compliance/media/filestore/s3test"
)

func TestDeleteLeavesNoOldVersions(t *testing.T) {
	t.Parallel()
	raw := s3test.StartVersioned(t)
	s, client := open(t, raw), s3test.Client(s3test.Endpoint(t, raw))
	key := put(t, s, noise(10))
	neighbour := key + "-2" // has the key as its prefix
	for _, k := range []string{key, neighbour} {
		if _, err := s.Put(t.Context(), k, "", strings.NewReader("another version")); err != nil {
			t.Fatal(err)
		}
	}
	remove := &s3.DeleteObjectInput{Bucket: aws.String(s3test.Bucket), Key: &key}
	if _, err := client.DeleteObject(t.Context(), remove); err != nil { // past the store: leaves a mark
		t.Fatal(err)
	}
	if got := countVersions(t, client); got != 4 {
		t.Fatalf("the bucket keeps %d versions and marks, want 4: this test tests nothing", got)
	}
	if err := s.Delete(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if got := countVersions(t, client); got != 1 {
		t.Errorf("the bucket keeps %d versions and marks, want the neighbour's alone", got)
	}
	checkExists(t, s, neighbour, true)
}

func countVersions(t *testing.T, client *s3.Client) int {
	t.Helper()
	page, err := client.ListObjectVersions(t.Context(),
		&s3.ListObjectVersionsInput{Bucket: aws.String(s3test.Bucket)})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Versions) + len(page.DeleteMarkers)
}

func TestSweepBreaksOffUploadsInParts(t *testing.T) {
	t.Parallel()
	raw := s3test.Start(t)
	s, client := open(t, raw), s3test.Client(s3test.Endpoint(t, raw))
	begin := func(key string) {
		create := &s3.CreateMultipartUploadInput{Bucket: aws.String(s3test.Bucket), Key: &key}
		upload, err := client.CreateMultipartUpload(t.Context(), create)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.UploadPart(t.Context(), &s3.UploadPartInput{
			Bucket: aws.String(s3test.Bucket), Key: &key, UploadId: upload.UploadId, PartNumber: aws.Int32(1),
			Body: bytes.NewReader(noise(100)),
		}); err != nil {
			t.Fatal(err)
		}
	}
	key := filestore.NewKey(time.Now())
	begin(key)
	begin(filestore.NewKey(time.Now()))
	begin(filestore.NewKey(time.Now()))
	if got, err := s.Sweep(t.Context(), time.Now().Add(-time.Hour)); err != nil || got != 0 {
		t.Errorf("uploads that were just begun: removed %d, %v", got, err)
	}
	if err := s.Delete(t.Context(), key); err != nil { // takes the parts of its own key along
		t.Error(err)
	}
	checkSwept(t, s, 2)
	checkSwept(t, s, 0)
}

func TestPresignedLinkWorksForAWhile(t *testing.T) {
	t.Parallel()
	s := open(t, s3test.Start(t))
	content := noise(1000)
	key := put(t, s, content)
	link, err := s.Presign(t.Context(), key, time.Minute, "audio/ogg", "inline; filename=recording.ogg")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(link, s3test.SecretKey) {
		t.Error("the link holds the secret")
	}
	if !strings.Contains(link, "X-Amz-Expires=60&") {
		t.Errorf("the link does not expire after a minute")
	}
	status, header, body := get(t, link)
	if status != http.StatusOK || !bytes.Equal(body, content) {
		t.Errorf("the link answers %d with %d bytes", status, len(body))
	}
	if header.Get("Content-Type") != "audio/ogg" ||
		header.Get("Content-Disposition") != "inline; filename=recording.ogg" {
		t.Errorf("the link answers with headers %v", header)
	}
	if status, _, _ := get(t, strings.Replace(link, "ogg", "html", 1)); status != http.StatusForbidden {
		t.Errorf("a link that was tampered with answers %d", status)
	}
}

func get(t *testing.T, address string) (int, http.Header, []byte) {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header, body
}

func TestOnlyS3HandsOutLinks(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"mem://", t.TempDir()} {
		s := open(t, address)
		_, err := s.Presign(t.Context(), filestore.NewKey(time.Now()), time.Minute, "", "")
		if !errors.Is(err, filestore.ErrNoPresign) {
			t.Errorf("%s: %v", address, err)
		}
	}
}
