package demo

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"iter"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// fixedBase is the base time of the tests, in no special zone.
func fixedBase() time.Time {
	return time.Date(2026, time.November, 20, 14, 30, 0, 123, time.FixedZone("", 2*60*60))
}

// documents reads the demo back, in the order that it comes in.
func documents(t *testing.T, raw iter.Seq[[]byte]) []document {
	t.Helper()
	var docs []document
	for text := range raw {
		var d document
		decoder := json.NewDecoder(bytes.NewReader(text))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&d); err != nil {
			t.Fatalf("document %d: %v", len(docs), err)
		}
		docs = append(docs, d)
	}
	return docs
}

// made are the demo's conversations; to make them takes a while, so that most tests share them.
var made = sync.OnceValue(func() iter.Seq[[]byte] { return slices.Values(slices.Collect(VCons(fixedBase()))) })

// decoded are the same, read. Nobody changes them.
var decoded = struct {
	sync.Once
	documents []document
}{}

func madeDocuments(t *testing.T) []document {
	t.Helper()
	decoded.Do(func() { decoded.documents = documents(t, made()) })
	return decoded.documents
}

func digest(raw iter.Seq[[]byte]) string {
	h := sha256.New()
	for text := range raw {
		h.Write(text)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// TestVCons_AreTheSameEachTime holds the demo to the byte. Whoever changes a phrase puts the new digest here.
func TestVCons_AreTheSameEachTime(t *testing.T) {
	t.Parallel()
	const golden = "05de6b5ef2d5f04bdd6533afd10ea50887aa842dc1ae76cfbaff7f2193cd06f2"
	first, second := digest(VCons(fixedBase())), digest(VCons(fixedBase()))
	if first != second {
		t.Errorf("two runs differ: %s and %s", first, second)
	}
	if first != golden {
		t.Errorf("the demo has changed: its digest is %s, want %s", first, golden)
	}
}

func TestVCons_CountAndUUIDs(t *testing.T) {
	t.Parallel()
	docs := madeDocuments(t)
	if len(docs) != Count {
		t.Errorf("got %d documents, want %d", len(docs), Count)
	}
	seen := map[string]bool{}
	for i, d := range docs {
		id, err := uuid.Parse(d.UUID)
		if err != nil || id.Version() != 8 || seen[d.UUID] {
			t.Errorf("document %d: uuid %q is broken, no version 8, or given twice", i, d.UUID)
		}
		seen[d.UUID] = true
	}
}

func TestVCons_LaterBaseMovesOnlyTimes(t *testing.T) {
	t.Parallel()
	now, later := madeDocuments(t), documents(t, VCons(fixedBase().AddDate(0, 1, 3)))
	for i := range now {
		if diff := cmp.Diff(now[i].UUID, later[i].UUID); diff != "" {
			t.Errorf("document %d: another uuid:\n%s", i, diff)
		}
		if diff := cmp.Diff(now[i].Parties, later[i].Parties); diff != "" {
			t.Errorf("document %d: other people:\n%s", i, diff)
		}
		if len(now[i].Dialog) != len(later[i].Dialog) {
			t.Errorf("document %d: %d dialogs, later %d", i, len(now[i].Dialog), len(later[i].Dialog))
		}
	}
}

func TestVCons_Times(t *testing.T) {
	t.Parallel()
	base := fixedBase()
	var starts []time.Time
	for i, d := range documents(t, VCons(base)) {
		start, end := span(t, d)
		starts = append(starts, start)
		if start.Before(base.AddDate(0, 0, -30)) || end.After(base) {
			t.Errorf("document %d: from %v to %v is not within the thirty days before the base", i, start, end)
		}
	}
	oldest, newest := slices.MinFunc(starts, time.Time.Compare), slices.MaxFunc(starts, time.Time.Compare)
	if base.Sub(newest) > time.Hour {
		t.Errorf("the newest conversation begins at %v, want within an hour before the base", newest)
	}
	if base.Sub(oldest) < 27*24*time.Hour {
		t.Errorf("the oldest conversation begins at %v, want about a month before the base", oldest)
	}
}

// span returns when a document's conversation began and ended, and checks that its dialogs are in order
// of time.
func span(t *testing.T, d document) (start, end time.Time) {
	t.Helper()
	var previous time.Time
	for i, x := range d.Dialog {
		at, err := time.Parse(time.RFC3339, x.Start)
		if err != nil || at.Before(previous) {
			t.Errorf("%s: dialog %d begins at %q, after %v", d.UUID, i, x.Start, previous)
		}
		if i == 0 {
			start = at
		}
		previous = at
		if over := at.Add(time.Duration(x.Duration * float64(time.Second))); over.After(end) {
			end = over
		}
	}
	return start, end
}

func TestVCons_StopsWhenAsked(t *testing.T) {
	t.Parallel()
	taken := 0
	for range VCons(fixedBase()) {
		if taken++; taken == 3 {
			break
		}
	}
	if taken != 3 {
		t.Errorf("took %d documents, want 3", taken)
	}
}

// BenchmarkVCons should stay below 50 ms: the demo is to be ready within seconds of its start.
func BenchmarkVCons(b *testing.B) {
	for b.Loop() {
		for range VCons(fixedBase()) {
		}
	}
}
