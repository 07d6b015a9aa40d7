package store

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// deleteVersions removes the versions that an S3 bucket with versioning keeps of a file that was deleted: until then its bytes are still there. A server that
// knows no versions has none to remove.
func (s *Store) deleteVersions(ctx context.Context, key string) error {
	var client *s3.Client
	if !s.bucket.As(&client) {
		return nil
	}
	input := &s3.ListObjectVersionsInput{Bucket: &s.name, Prefix: &key}
	for {
		page, err := client.ListObjectVersions(ctx, input)
		if unsupported(err) {
			return nil
		}
		if err != nil {
			return explain(err)
		}
		for _, version := range page.Versions {
			if err := s.deleteVersion(ctx, client, key, version.Key, version.VersionId); err != nil {
				return err
			}
		}
		for _, marker := range page.DeleteMarkers {
			if err := s.deleteVersion(ctx, client, key, marker.Key, marker.VersionId); err != nil {
				return err
			}
		}
		if page.IsTruncated == nil || !*page.IsTruncated {
			return nil
		}
		input.KeyMarker, input.VersionIdMarker = page.NextKeyMarker, page.NextVersionIdMarker
	}
}

func (s *Store) deleteVersion(ctx context.Context, client *s3.Client, key string, found, version *string) error {
	if found == nil || *found != key || version == nil {
		return nil
	}
	_, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.name, Key: found, VersionId: version})
	return explain(err)
}

func unsupported(err error) bool {
	var refused smithy.APIError
	return errors.As(err, &refused) && (refused.ErrorCode() == "NotImplemented" || refused.ErrorCode() == "MethodNotAllowed")
}
