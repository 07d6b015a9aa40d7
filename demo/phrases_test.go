package demo

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestParseSections(t *testing.T) {
	t.Parallel()
	got := parseSections("# one\nfirst\n\n  second \n# two\na\\nb\n")
	want := sections{"one": {"first", "second"}, "two": {"a\nb"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLoadPhrases(t *testing.T) {
	t.Parallel()
	lib, err := loadPhrases(fstest.MapFS{"phrases/a.txt": {Data: []byte("# about\ncategory: x\nqueue: " +
		"Q\ngroup: g\ntags: s, t\n")},
		"phrases/names.txt": {Data: []byte("# first\nAda|Bo\nCy\n")}, "other/b.txt": {Data: []byte("# c\n")}})
	if err != nil || len(lib) != 2 {
		t.Fatalf("got %d files and error %v, want two files", len(lib), err)
	}
	if diff := cmp.Diff([]string{"Ada", "Bo", "Cy"}, lib.words().first); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
	topics := lib.topics()
	if len(topics) != 1 || topics[0].category != "x" || topics[0].queue != "Q" || topics[0].group != "g" ||
		len(topics[0].tags) != 2 {
		t.Errorf("topics: got %+v", topics)
	}
}

func TestSpeaker_Fill(t *testing.T) {
	t.Parallel()
	s := speaker{rand.New(rand.NewPCG(1, 2)), facts{"name": "Ada"}}
	seen := map[string]bool{}
	for range 100 {
		seen[s.fill("<Hi|Hello>{name}<|!> {what}")] = true
	}
	want := map[string]bool{"HiAda {what}": true, "HiAda! {what}": true, "HelloAda {what}": true,
		"HelloAda! {what}": true}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPhrases checks the text files themselves, so that a slip in a line is found even where no
// conversation happens to use it.
func TestPhrases(t *testing.T) {
	t.Parallel()
	lib := mustLoadPhrases(phraseFiles)
	known := newFacts(rand.New(rand.NewPCG(1, 2)), lib.words(), customers(lib.words())[0], agents()[0],
		fixedBase())
	known["topic"], known["agent2first"] = "", ""
	fact := regexp.MustCompile(`\{([^}]*)\}?`)
	for file, sections := range lib {
		for heading, lines := range sections {
			for _, line := range lines {
				plain := strings.ReplaceAll(line, " => ", "")
				if strings.Count(plain, "<") != strings.Count(plain, ">") ||
					regexp.MustCompile(`<[^>]*<`).MatchString(plain) {
					t.Errorf("%s, %s: choices do not close: %s", file, heading, line)
				}
				for _, match := range fact.FindAllStringSubmatch(line, -1) {
					if _, ok := known[match[1]]; !ok {
						t.Errorf("%s, %s: there is no fact {%s}", file, heading, match[1])
					}
				}
			}
		}
	}
}

// TestPhrases_Topics: each problem of a topic has a solution and a summary of its own, in the same order.
func TestPhrases_Topics(t *testing.T) {
	t.Parallel()
	topics := mustLoadPhrases(phraseFiles).topics()
	if len(topics) != 12 {
		t.Errorf("got %d topics, want 12", len(topics))
	}
	for _, topic := range topics {
		problems := len(topic.sections["problem"])
		if problems == 0 || len(topic.sections["resolve"]) != problems ||
			len(topic.sections["summary"]) != problems {
			t.Errorf("%s: %d problems, %d solutions, %d summaries, want as many of each", topic.category, problems,
				len(topic.sections["resolve"]), len(topic.sections["summary"]))
		}
		if len(topic.sections["exchange"]) < problems {
			t.Errorf("%s: %d questions, want at least as many as problems", topic.category,
				len(topic.sections["exchange"]))
		}
		if len(colleagues(topic.group)) == 0 || topic.queue == "" || len(topic.tags) == 0 {
			t.Errorf("%s: group %q, queue %q, %d tags", topic.category, topic.group, topic.queue, len(topic.tags))
		}
	}
}

func TestCustomers_AreDifferentPeople(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	letters := regexp.MustCompile(`^[a-z0-9._-]+@example\.(com|org|net)$`)
	for _, c := range customers(mustLoadPhrases(phraseFiles).words()) {
		for _, own := range []string{c.name(), c.email, c.number, c.phone.tel, c.work.tel} {
			if seen[own] {
				t.Errorf("two customers share %s", own)
			}
			seen[own] = true
		}
		if !letters.MatchString(c.email) {
			t.Errorf("%s is not in the letters of an address", c.email)
		}
	}
}

func TestPhone(t *testing.T) {
	t.Parallel()
	got := newPhone("+44", "020 7946 0958")
	want := phone{"+442079460958", "020 7946 0958", "zero two zero, seven nine four six, zero nine five eight"}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
