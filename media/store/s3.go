package store

import (
	"context"
	"errors"
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
	"github.com/aws/smithy-go/logging"
	"gocloud.dev/blob/s3blob"
)

// remote is a store in a bucket of an S3 service.
type remote struct {
	client *s3.Client
	bucket string
}

// openS3 opens a bucket. The address goes to gocloud without its credentials, for it repeats the address in its errors.
func openS3(ctx context.Context, u *url.URL) (*Store, error) {
	address := *u
	address.User = nil
	plain, err := new(s3blob.URLOpener).OpenBucketURL(ctx, &address)
	if err != nil || u.Path != "" && u.Path != "/" {
		return nil, badAddress("a bucket is given as s3://bucket?region=...&endpoint=...&use_path_style=true; a parameter is unknown or its value is wrong")
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
	return &Store{bucket: bucket, kind: remote{client: client, bucket: u.Host}}, nil
}

// bucketOptions are those that gocloud's opener keeps to itself.
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

// impatient gives up on a service that is not there within seconds; a transfer that goes on may take as long as it takes.
func impatient(o *s3.Options) {
	o.HTTPClient = awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = 5 * time.Second }).
		WithTransportOptions(func(t *http.Transport) { t.ResponseHeaderTimeout = 30 * time.Second })
	o.Logger = logging.Nop{} // it would write to standard error, past the program's own log
}

// signedBy takes the credentials of the address, where it has some.
func signedBy(user *url.Userinfo) func(*s3.Options) {
	return func(o *s3.Options) {
		if secret, ok := user.Password(); ok {
			o.Credentials = aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider(user.Username(), secret, ""))
		}
	}
}

// somewhere names a region for services of one's own, which have none but want the word.
func somewhere(u *url.URL) func(*s3.Options) {
	return func(o *s3.Options) {
		if o.Region == "" && u.Query().Get("endpoint") != "" {
			o.Region = "us-east-1"
		}
	}
}

// present asks for the bucket: the answer to a question about a file does not tell a missing bucket from a missing file.
func (r remote) present(ctx context.Context) error {
	_, err := r.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &r.bucket})
	if errors.Is(fail(opOpen, err), ErrNotFound) {
		return &Error{Op: "looking for the media store's bucket", Kind: ErrUnavailable, Reason: "the service has no such bucket", cause: err}
	}
	return err
}

// durable has nothing to do: S3 answers a write when it is safe.
func (remote) durable(string) error { return nil }
