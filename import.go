package main

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"

	"qm-compliance/db"
	"qm-compliance/importing"
	"qm-compliance/vcon"
)

// errRefusals says that something was refused, which has been told one by one.
var errRefusals = errors.New("something was refused")

// maxDocument bounds one vCon of the import command. It may hold long recordings.
const maxDocument = 512 << 20

type importCommand struct {
	Paths []string `arg:"" name:"path" help:"vCon files, folders of them, or newline-delimited JSON, gzipped or not."`
	Key   []string `help:"A public key or certificate (PEM) to verify signed vCons with; without one they are read, and said not to be verified." placeholder:"FILE" env:"QM_VCON_KEYS"`
	fetchFlags
}

// Run imports everything that can be understood, names what cannot, and ends with a summary.
func (c importCommand) Run(ctx context.Context, io streams, e environment) error {
	keys, err := readKeys(c.Key)
	if err != nil {
		return err
	}
	fetcher, err := c.fetcher()
	if err != nil {
		return err
	}
	return e.withMedia(ctx, func(opened *database, store *db.Store) error {
		progress := newBar(io.err, "importing")
		progress.expect(importing.Count(c.Paths))
		last := ""
		observer := importing.Observer{
			Read: func(item importing.Item) {
				if item.File != last { // a file counts once, however many documents it holds
					last = item.File
					progress.step()
				}
			},
			Refused: func(refusal importing.Refusal) {
				progress.clear()
				_, _ = fmt.Fprintf(io.err, "refused %s: %s\n", refusal.Source, refusal.Reason)
			},
			NotFetched: func(refusal importing.Refusal) {
				progress.clear()
				_, _ = fmt.Fprintf(io.err, "not fetched %s: %s\n", refusal.Source, refusal.Reason)
			},
		}
		config := importing.Config{Store: store, Media: opened.media, Fetch: fetcher, Beside: true}
		totals, err := importing.Run(ctx, config, db.CommandActor("import"), importing.Walk(ctx, c.Paths, importing.ReadOptions{Vcon: vcon.Options{Keys: keys, MaxBytes: maxDocument}}), observer)
		progress.clear()
		summarize(io.out, totals)
		if err == nil && totals.Refused > 0 {
			return errRefusals
		}
		return err
	})
}

func summarize(out io.Writer, totals importing.Totals) {
	_, _ = fmt.Fprintf(out, "%d added, %d updated, %d unchanged, %d refused\n", totals.Added, totals.Updated, totals.Unchanged, totals.Refused)
	if totals.NotFetched > 0 {
		_, _ = fmt.Fprintf(out, "%d recordings that could not be fetched are only referred to\n", totals.NotFetched)
	}
	if totals.NotVerified > 0 {
		_, _ = fmt.Fprintf(out, "%d signed, whose signature was not verified (give the signer's key with --key)\n", totals.NotVerified)
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
