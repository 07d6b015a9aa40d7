// Package store keeps the bytes of media files: in a folder, in a bucket of an S3 service, or in memory for trials. It knows keys and bytes, and nothing of
// conversations. What it says is stored is stored, on disk where it is a folder; what it says is deleted is gone, old versions and all.
//
// Whoever writes a status on the strength of this package may rely on it: Put and Delete return without error only after the fact.
package store
