package store

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	"github.com/google/uuid"
)

// identity returns the id in the bucket's marker, which it makes where there is none. It is a file as in a folder, so that whoever copies all files from one store
// to another takes it along.
func (r remote) identity(ctx context.Context) (string, error) {
	id, err := r.marker(ctx)
	if !isGone(err) {
		return id, err
	}
	if err := r.createMarker(ctx); err != nil {
		return "", err
	}
	return r.marker(ctx) // somebody else may have been first
}

func (r remote) marker(ctx context.Context) (string, error) {
	object, err := r.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &r.bucket, Key: aws.String(markerName)})
	if err != nil {
		return "", err
	}
	defer func() { _ = object.Body.Close() }()
	id, err := io.ReadAll(object.Body)
	return strings.TrimSpace(string(id)), err
}

// createMarker never replaces a marker, where the service knows how to be asked for that.
func (r remote) createMarker(ctx context.Context) error {
	put := &s3.PutObjectInput{Bucket: &r.bucket, Key: aws.String(markerName), Body: strings.NewReader(uuid.NewString()), IfNoneMatch: aws.String("*")}
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
