package store

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// purge removes what S3 may keep of a deleted file: older versions, the marks of deletion, and parts of uploads that broke off. It looks again
// afterwards, since a lock or a policy may keep a version.
func (r remote) purge(ctx context.Context, key string) error {
	versions, err := r.versions(ctx, key)
	if err != nil {
		return err
	}
	for _, version := range versions {
		in := &s3.DeleteObjectInput{Bucket: &r.bucket, Key: &key, VersionId: version}
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

// versions lists the ids of everything that the bucket keeps of key. A service that knows no versions has none. Not being allowed to look is an error:
// an old version might be there. It takes the permission s3:ListBucketVersions, and s3:DeleteObjectVersion to delete them.
func (r remote) versions(ctx context.Context, key string) (ids []*string, err error) {
	pages := s3.NewListObjectVersionsPaginator(r.client, &s3.ListObjectVersionsInput{Bucket: &r.bucket, Prefix: &key})
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

// sweep breaks off the uploads in parts that were begun before a time.
func (r remote) sweep(ctx context.Context, before time.Time) (int, error) {
	return r.abort(ctx, "", before)
}

// abort breaks off the uploads of key, or of every key, that were begun before a time, or whenever.
func (r remote) abort(ctx context.Context, key string, before time.Time) (aborted int, err error) {
	pages := s3.NewListMultipartUploadsPaginator(r.client, &s3.ListMultipartUploadsInput{Bucket: &r.bucket, Prefix: &key})
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
			in := &s3.AbortMultipartUploadInput{Bucket: &r.bucket, Key: upload.Key, UploadId: upload.UploadId}
			if _, err := r.client.AbortMultipartUpload(ctx, in); err != nil && !isGone(err) {
				return aborted, err
			}
			aborted++
		}
	}
	return aborted, nil
}

// unlessUnknown forgives a service that does not know what it is asked for.
func unlessUnknown(err error) error {
	api, ok := errors.AsType[smithy.APIError](err)
	if ok && (api.ErrorCode() == "NotImplemented" || api.ErrorCode() == "MethodNotAllowed") {
		return nil
	}
	return err
}

func isGone(err error) bool { return errors.Is(fail(opDelete, err), ErrNotFound) }
