package command

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"

	"qm-compliance/audit"
	"qm-compliance/importing"
	"qm-compliance/media/fetch"
	"qm-compliance/vcon"
)

// maxDocument is the size of the largest vCon that the import command reads. It may hold long recordings.
const maxDocument = 512 << 20

// maxElements bounds the members and values of one vCon that the import command reads. It may hold a transcript of every
// word.
const maxElements = 5_000_000

type importCommand struct {
	Paths []string `arg:"" name:"path" help:"vCon files, folders of them, or newline-delimited JSON, gzipped or not."`
	Key   []string `help:"A public key or certificate (PEM) to verify signed vCons with; without one they are imported, and counted as not verified." placeholder:"FILE" env:"QM_VCON_KEYS"`
	fetchFlags
}

// fetchFlags say which recordings an import may download.
type fetchFlags struct {
	FetchMedia []string `help:"A host from which recordings that a vCon refers to are downloaded, such as media.example or *.media.example; without any, their urls are kept as references. Addresses in private networks are never connected to." placeholder:"HOST" env:"QM_FETCH_MEDIA" name:"fetch-media"`
	FetchLimit int64    `help:"The size of the largest recording that is downloaded, in bytes; by default 1 GiB." default:"1073741824" placeholder:"BYTES" env:"QM_FETCH_LIMIT" name:"fetch-limit"`
}

// fetcher downloads recordings; it is nil if no host is named.
func (f fetchFlags) fetcher() (*fetch.Fetcher, error) {
	if len(f.FetchMedia) == 0 {
		return nil, nil
	}
	return fetch.New(fetch.Options{Hosts: f.FetchMedia, MaxBytes: f.FetchLimit})
}

// Run imports every vCon that it can read, names each that it refuses, and prints the totals in the end. The
// exit status is 2 if something was refused, or if a recording is missing.
func (c importCommand) Run(ctx context.Context, env environment) error {
	keys, err := readKeys(c.Key)
	if err != nil {
		return err
	}
	fetcher, err := c.fetcher()
	if err != nil {
		return err
	}
	return env.withApp(ctx, env.forCommand(), func(app *app) error {
		bar := newBar(env.Err, "importing")
		bar.expect(importing.Count(c.Paths))
		config := importing.Config{Store: app.store, Media: app.media, Fetch: fetcher, Beside: true, Tracer: app.tracer}
		items := importing.Walk(ctx, c.Paths, importing.ReadOptions{
			Vcon: vcon.Options{Keys: keys, MaxBytes: maxDocument, MaxElements: maxElements},
		})
		totals, err := importing.Run(ctx, config, audit.CommandActor("import"), items, importObserver(env.Err, bar))
		bar.clear()
		summarize(env.Out, totals)
		if err == nil && (totals.Refused > 0 || totals.Missing > 0) {
			return errRefused
		}
		return err
	})
}

// importObserver moves the bar with each file, and prints each vCon that is refused and each recording that
// cannot be fetched or is missing.
func importObserver(out io.Writer, bar *progress) importing.Observer {
	last := ""
	report := func(what string) func(importing.Refusal) {
		return func(refusal importing.Refusal) {
			bar.clear()
			_, _ = fmt.Fprintf(out, "%s %s: %s\n", what, refusal.Source, refusal.Reason)
		}
	}
	return importing.Observer{
		Read: func(item importing.Item) {
			if item.File != last { // a file is one step, however many documents it holds
				last = item.File
				bar.step()
			}
		},
		Refused:    report("refused"),
		NotFetched: report("not fetched"),
		Missing:    report("missing"),
	}
}

func summarize(out io.Writer, totals importing.Totals) {
	_, _ = fmt.Fprintf(out, "%d added, %d updated, %d unchanged, %d refused\n",
		totals.Added, totals.Updated, totals.Unchanged, totals.Refused)
	if totals.NotFetched > 0 {
		_, _ = fmt.Fprintf(out, "%d recordings could not be fetched; only their urls are stored\n", totals.NotFetched)
	}
	if totals.Missing > 0 {
		_, _ = fmt.Fprintf(out, "missing recordings: %d; their conversations are stored without them\n", totals.Missing)
	}
	if totals.TextsElsewhere > 0 {
		_, _ = fmt.Fprintf(out, "%d texts are stored elsewhere; only their urls are imported\n", totals.TextsElsewhere)
	}
	if totals.NotVerified > 0 {
		_, _ = fmt.Fprintf(out, "%d signed vCons were not verified (give the signer's key with --key)\n",
			totals.NotVerified)
	}
}

func readKeys(files []string) ([]crypto.PublicKey, error) {
	var keys []crypto.PublicKey
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read the key: %w", err)
		}
		key, err := parseKey(content)
		if err != nil {
			return nil, fmt.Errorf("%s is neither a public key nor a certificate in PEM", name)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func parseKey(content []byte) (crypto.PublicKey, error) {
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, errors.New("no PEM")
	}
	if block.Type == "CERTIFICATE" {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		return certificate.PublicKey, nil
	}
	return x509.ParsePKIXPublicKey(block.Bytes)
}
