// Package versitygw pins the version of the S3 server that tests run against.
package versitygw
