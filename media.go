package main

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"qm-compliance/db"
	"qm-compliance/media/fetch"
	"qm-compliance/media/filestore"
	"qm-compliance/media/interaction"
	"qm-compliance/media/playback"
)

// mediaFlags say where media files are, and who owns them.
type mediaFlags struct {
	MediaURL           string        `help:"The file store: a folder, s3://BUCKET?region=REGION, or mem:// for tests. At first the folder media in the data directory." env:"MEDIA_URL" placeholder:"URL" name:"media-url"`
	InteractionURL     string        `help:"The Interaction service, which is asked to delete media. Without it this program answers itself." env:"INTERACTION_SERVICE_URL" placeholder:"URL" name:"interaction-service-url"`
	InteractionToken   string        `help:"The bearer token for the Interaction service." env:"INTERACTION_SERVICE_TOKEN" placeholder:"TOKEN" name:"interaction-service-token"`
	InteractionTimeout time.Duration `help:"How long the Interaction service may take to answer." env:"INTERACTION_SERVICE_TIMEOUT" default:"10s" name:"interaction-service-timeout"`
}

// openMedia opens the file store: the one that was named, else a folder beside the database.
func (e environment) openMedia(ctx context.Context) (*filestore.Files, error) {
	if e.media.MediaURL != "" {
		return filestore.Open(ctx, e.media.MediaURL)
	}
	return filestore.Open(ctx, filepath.Join(e.dataDir, "media"))
}

// service is the Interaction service that was named, else the embedded one.
func (e environment) service() (interaction.Service, error) {
	if e.media.InteractionURL == "" {
		return interaction.Embedded{}, nil
	}
	return interaction.NewClient(interaction.Options{URL: e.media.InteractionURL, Token: e.media.InteractionToken, Timeout: e.media.InteractionTimeout})
}

// withMedia is withStore with the file store open.
func (e environment) withMedia(ctx context.Context, do func(*database, *db.Store) error) error {
	return e.withStore(ctx, func(opened *database, store *db.Store) (err error) {
		if opened.media, err = e.openMedia(ctx); err != nil {
			return err
		}
		return do(opened, store)
	})
}

// fetchFlags say what may be downloaded for an import.
type fetchFlags struct {
	FetchMedia []string `help:"A host from which recordings that a vCon refers to are downloaded, such as media.example or *.media.example; without any, their urls are kept as references. Addresses in private networks are never connected to." placeholder:"HOST" env:"QM_FETCH_MEDIA" name:"fetch-media"`
	FetchLimit int64    `help:"How many bytes a downloaded recording may have; at first 1 GiB." default:"1073741824" placeholder:"BYTES" env:"QM_FETCH_LIMIT" name:"fetch-limit"`
}

// fetcher is nil where nothing is to be downloaded.
func (f fetchFlags) fetcher() (*fetch.Fetcher, error) {
	if len(f.FetchMedia) == 0 {
		return nil, nil
	}
	return fetch.New(fetch.Options{Hosts: f.FetchMedia, MaxBytes: f.FetchLimit})
}

// newLinks makes links that every server on this database understands.
func newLinks(ctx context.Context, store *db.Store, lifetime time.Duration) (*playback.Links, error) {
	if lifetime <= 0 {
		return nil, errors.New("links to recordings would have no time to be used in; give --playback-lifetime a duration such as 10m")
	}
	key, err := store.PlaybackKey(ctx)
	if err != nil {
		return nil, err
	}
	return playback.NewLinks(key, lifetime, time.Now)
}
