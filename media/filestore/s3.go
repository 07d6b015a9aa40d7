package filestore

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	"github.com/google/uuid"
	"gocloud.dev/blob/s3blob"
)

// remote is a store in a bucket of an S3 service.
type remote struct {
	blobs
	client *s3.Client
	name   string
}

// openS3 opens a bucket. The address goes to gocloud without its credentials, for it repeats the address
// in its errors.
func openS3(ctx context.Context, u *url.URL) (*Files, error) {
	address := *u
	address.User = nil
	plain, err := new(s3blob.URLOpener).OpenBucketURL(ctx, &address)
	if err != nil || u.Path != "" && u.Path != "/" {
		return nil, badAddress("a bucket is given as s3://bucket?region=...&endpoint=...&use_path_style=true; " +
			"a parameter is unknown or its value is wrong")
	}
	var client *s3.Client
	plain.As(&client)
	client = s3.New(client.Options(), impatient, signedBy(u.User), somewhere(u))
	if client.Options().Region == "" {
		return nil, badAddress("an S3 bucket needs its region, as s3://bucket?region=... or in AWS_REGION")
	}
	bucket, err := s3blob.OpenBucket(ctx, client, u.Host, bucketOptions(client, u))
	if err != nil {
		return nil, badAddress("a bucket needs a name, as s3://bucket?region=...")
	}
	return &Files{bucket: bucket, kind: remote{blobs: blobs{bucket}, client: client, name: u.Host}}, nil
}

// bucketOptions are those that gocloud's opener does not pass on.
func bucketOptions(client *s3.Client, u *url.URL) *s3blob.Options {
	options := &s3blob.Options{
		KMSEncryptionID:            u.Query().Get("kmskeyid"),
		RequestChecksumCalculation: client.Options().RequestChecksumCalculation,
	}
	for _, encryption := range types.ServerSideEncryption("").Values() {
		if strings.EqualFold(string(encryption), u.Query().Get("ssetype")) {
			options.EncryptionType = encryption
		}
	}
	return options
}

// impatient gives up on a service that is not there within seconds; a transfer that makes progress may
// take any time.
func impatient(o *s3.Options) {
	o.HTTPClient = awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = 5 * time.Second }).
		WithTransportOptions(func(t *http.Transport) { t.ResponseHeaderTimeout = 30 * time.Second })
	o.Logger = logging.Nop{} // it would write to standard error, past the program's own log
}

// signedBy uses the credentials in the address, if there are any.
func signedBy(user *url.Userinfo) func(*s3.Options) {
	return func(o *s3.Options) {
		if secret, ok := user.Password(); ok {
			provider := credentials.NewStaticCredentialsProvider(user.Username(), secret, "")
			o.Credentials = aws.NewCredentialsCache(provider)
		}
	}
}

// somewhere names a region for services other than AWS, which have none but expect the word.
func somewhere(u *url.URL) func(*s3.Options) {
	return func(o *s3.Options) {
		if o.Region == "" && u.Query().Get("endpoint") != "" {
			o.Region = "us-east-1"
		}
	}
}

// present asks for the bucket: the answer to a question about a file does not tell a missing bucket from a
// missing file.
func (r remote) present(ctx context.Context) error {
	_, err := r.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &r.name})
	if errors.Is(fail(opOpen, err), ErrNotFound) {
		const op, reason = "looking for the media store's bucket", "the service has no such bucket"
		return &Error{Op: op, Kind: ErrUnavailable, Reason: reason, cause: err}
	}
	return err
}

// durable has nothing to do: S3 answers a write when it is safe.
func (remote) durable(string) error { return nil }

// identity returns the id in the bucket's marker, and makes the marker if there is none. It is a file as
// in a folder, so that a copy of all files to another store includes it.
func (r remote) identity(ctx context.Context) (string, error) {
	id, err := r.marker(ctx)
	if !isGone(err) {
		return id, err
	}
	if err := r.createMarker(ctx); err != nil {
		return "", err
	}
	return r.marker(ctx) // another process may have been first
}

func (r remote) marker(ctx context.Context) (string, error) {
	object, err := r.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &r.name, Key: aws.String(markerName)})
	if err != nil {
		return "", err
	}
	defer func() { _ = object.Body.Close() }()
	id, err := io.ReadAll(object.Body)
	return strings.TrimSpace(string(id)), err
}

// createMarker never replaces a marker, if the service supports conditional writes.
func (r remote) createMarker(ctx context.Context) error {
	put := &s3.PutObjectInput{
		Bucket: &r.name, Key: aws.String(markerName), Body: strings.NewReader(uuid.NewString()),
		IfNoneMatch: aws.String("*"),
	}
	_, err := r.client.PutObject(ctx, put)
	api, isAPI := errors.AsType[smithy.APIError](err)
	switch {
	case isAPI && (api.ErrorCode() == "PreconditionFailed" || api.ErrorCode() == "ConditionalRequestConflict"):
		return nil
	case isAPI && api.ErrorCode() == "NotImplemented":
		put.Body, put.IfNoneMatch = strings.NewReader(uuid.NewString()), nil
		_, err = r.client.PutObject(ctx, put)
	}
	return err
}

// purge removes what S3 may keep of a deleted file: older versions, the marks of deletion, and parts of
// uploads that broke off. It looks again afterwards, since a lock or a policy may keep a version.
func (r remote) purge(ctx context.Context, key string) error {
	versions, err := r.versions(ctx, key)
	if err != nil {
		return err
	}
	for _, version := range versions {
		in := &s3.DeleteObjectInput{Bucket: &r.name, Key: &key, VersionId: version}
		if _, err := r.client.DeleteObject(ctx, in); err != nil && !isGone(err) {
			return err
		}
	}
	if _, err := r.abort(ctx, key, time.Time{}); err != nil {
		return err
	}
	if versions, err = r.versions(ctx, key); err == nil && len(versions) > 0 {
		err = &Error{Op: opDelete, Kind: ErrStillThere, Reason: "the bucket keeps old versions of it"}
	}
	return err
}

// versions lists the ids of everything that the bucket keeps of key, none if the service knows no
// versions. It needs the permission s3:ListBucketVersions, and purge s3:DeleteObjectVersion. Without the
// permission to look, versions fails, since an old version might be there.
func (r remote) versions(ctx context.Context, key string) (ids []*string, err error) {
	in := &s3.ListObjectVersionsInput{Bucket: &r.name, Prefix: &key}
	pages := s3.NewListObjectVersionsPaginator(r.client, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, unlessUnknown(err)
		}
		for _, version := range page.Versions {
			if aws.ToString(version.Key) == key {
				ids = append(ids, version.VersionId)
			}
		}
		for _, mark := range page.DeleteMarkers {
			if aws.ToString(mark.Key) == key {
				ids = append(ids, mark.VersionId)
			}
		}
	}
	return ids, nil
}

// sweep aborts the multipart uploads that began before a time.
func (r remote) sweep(ctx context.Context, before time.Time) (int, error) {
	return r.abort(ctx, "", before)
}

// abort aborts the multipart uploads of key that began before a time. An empty key means every key, a
// zero time any time.
func (r remote) abort(ctx context.Context, key string, before time.Time) (aborted int, err error) {
	in := &s3.ListMultipartUploadsInput{Bucket: &r.name, Prefix: &key}
	pages := s3.NewListMultipartUploadsPaginator(r.client, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return aborted, unlessUnknown(err)
		}
		for _, upload := range page.Uploads {
			other := key != "" && aws.ToString(upload.Key) != key
			if other || !before.IsZero() && !aws.ToTime(upload.Initiated).Before(before) {
				continue
			}
			in := &s3.AbortMultipartUploadInput{Bucket: &r.name, Key: upload.Key, UploadId: upload.UploadId}
			if _, err := r.client.AbortMultipartUpload(ctx, in); err != nil && !isGone(err) {
				return aborted, err
			}
			aborted++
		}
	}
	return aborted, nil
}

// unlessUnknown returns nil if err says that the service does not support the request.
func unlessUnknown(err error) error {
	api, ok := errors.AsType[smithy.APIError](err)
	if ok && (api.ErrorCode() == "NotImplemented" || api.ErrorCode() == "MethodNotAllowed") {
		return nil
	}
	return err
}

func isGone(err error) bool { return errors.Is(fail(opDelete, err), ErrNotFound) }
