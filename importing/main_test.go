package importing_test

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"

	"qm-compliance/db"
	"qm-compliance/migrations"
	"qm-compliance/postgres/postgrestest"
)

func TestMain(m *testing.M) {
	if os.Getenv(limitedDatabase) != "" {
		os.Exit(runLimited())
	}
	postgrestest.Main(m, migrate)
}

func migrate(ctx context.Context, url string) error {
	pool, bun, err := db.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer pool.Close()
	defer func() { _ = bun.Close() }()
	_, err = migrations.Run(ctx, bun)
	return err
}

// call is a vCon of a call whose recording has these members besides the usual ones.
func call(number int, recording string) string {
	return fmt.Sprintf(`{"vcon": "0.4.0", "uuid": "00000000-0000-8000-8000-%012d", "created_at": "2026-03-01T09:30:00Z", "parties": [{"name": "Ada", "tel": "+420777123456", "role": "customer"}],
		"dialog": [{"type": "recording", "start": "2026-03-01T09:30:00Z", "duration": 60, "parties": [0], "mediatype": "audio/wav", %s}]}`, number, recording)
}

// inline are the members of a recording in the vCon, with more members.
func inline(content string, more ...string) string {
	return strings.Join(append([]string{`"encoding": "base64url"`, `"body": "` + base64.RawURLEncoding.EncodeToString([]byte(content)) + `"`}, more...), ", ")
}

func hashOf(content string) string {
	sum := sha512.Sum512([]byte(content))
	return "sha512-" + base64.RawURLEncoding.EncodeToString(sum[:])
}

// hashed is the member that says what a recording's hash is.
func hashed(content string) string { return `"content_hash": "` + hashOf(content) + `"` }

// signed is the older form of the same.
func signed(content string) string {
	return `"alg": "SHA-512", "signature": "` + strings.TrimPrefix(hashOf(content), "sha512-") + `"`
}

func named(file string) string { return fmt.Sprintf(`"filename": %q`, file) }

func at(url string) string { return fmt.Sprintf(`"url": %q`, url) }
