package importing_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/importing"
	"qm-compliance/vcon"
)

// Files that are read and parsed ahead give the same items in the same order as one document after the
// other, with the same refusals, also where they are too many or a document is too large. QM_SEED repeats a
// run.
func TestReadingAheadGivesWhatReadingInTurnGives(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	if given, err := strconv.ParseUint(os.Getenv("QM_SEED"), 10, 64); err == nil {
		seed = given
	}
	t.Logf("QM_SEED=%d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	for range 20 {
		contents := map[string]string{}
		for f := range 1 + r.IntN(5) {
			var lines []string
			for n := range r.IntN(150) {
				lines = append(lines, someLine(r, f*1000+n))
			}
			contents[fmt.Sprintf("%d.ndjson", f)] = strings.Join(lines, "\n")
		}
		root := folder(t, contents)
		options := importing.ReadOptions{
			Vcon: vcon.Options{MaxBytes: 4096}, Limits: importing.FileLimits(),
		}
		options.Limits.Refusals = 1 + r.IntN(60)
		var want []string
		for f := range len(contents) {
			name := fmt.Sprintf("%d.ndjson", f)
			for item := range importing.Read(t.Context(), strings.NewReader(contents[name]), name, options) {
				want = append(want, told(name, item))
			}
		}
		var got []string
		for item := range importing.Walk(t.Context(), []string{root}, options) {
			got = append(got, told(filepath.Base(item.File), item))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("in turn (-), ahead (+):\n%s", diff)
		}
	}
}

// someLine is a vCon, or one of several things that are none.
func someLine(r *rand.Rand, number int) string {
	whole := strings.ReplaceAll(call(number, inline("sound")), "\n", "")
	switch r.IntN(8) {
	case 0:
		return "{}"
	case 1:
		return whole[:r.IntN(len(whole))]
	case 2:
		return strings.Replace(whole, `"vcon"`, `"x": "`+strings.Repeat("x", 5000)+`", "vcon"`, 1)
	case 3:
		return ""
	}
	return whole
}

// told is an item as a user sees it.
func told(name string, item importing.Item) string {
	if item.Err != nil {
		return fmt.Sprintf("%s:%d: %v", name, item.Line, item.Err)
	}
	return fmt.Sprintf("%s:%d %s", name, item.Line, item.Conversation.UUID)
}

// A document that takes all the room that there is for documents ahead, or more, comes in as any other.
func TestLargeDocumentsPassOneByOne(t *testing.T) {
	t.Parallel()
	large := strings.ReplaceAll(call(1, inline(strings.Repeat("sound", 2<<20))), "\n", "")
	root := folder(t, map[string]string{"a.ndjson": strings.Repeat(large+"\n", 3), "b.json": document(hello)})
	count := 0
	options := importing.ReadOptions{Vcon: vcon.Options{MaxBytes: 64 << 20}}
	for item := range importing.Walk(t.Context(), []string{root}, options) {
		if item.Err != nil {
			t.Error(item.Err)
		}
		count++
	}
	if count != 4 {
		t.Errorf("%d documents came in", count)
	}
}

// Stopping, or ending the context, does not wait for a pipe that nobody writes to.
func TestStoppingDoesNotWaitForAPipe(t *testing.T) {
	t.Parallel()
	for _, byContext := range []bool{true, false} {
		name := filepath.Join(t.TempDir(), "pipe.ndjson")
		if err := syscall.Mkfifo(name, 0o600); err != nil {
			t.Fatal(err)
		}
		pipe, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = pipe.Close() }()
		if _, err := pipe.WriteString(strings.ReplaceAll(document(hello), "\n", "") + "\n"); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		count := 0
		for range importing.Walk(ctx, []string{name}, importing.ReadOptions{}) {
			if count++; !byContext {
				break
			}
			cancel()
		}
		if count == 0 {
			t.Error("nothing came in")
		}
	}
}
