package demo

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// maxChatTurns is where a chat ends even if not everything has been said.
const maxChatTurns = 14

// chatRoom writes one chat: a dialog each turn, and now and then a summary of all of them.
func (b *builder) chatRoom() {
	spoken := b.facts
	b.facts = spoken.written()
	room, application := b.say(b.lib["chat"]["room"]), []string{"webchat", "app"}[b.rng.IntN(2)]
	var of []int
	for _, t := range b.chatScript() {
		of = append(of, b.add(b.chatDialog(t, room, application)))
		b.wait(8*time.Second, time.Minute)
	}
	if b.chance(2) {
		b.analyse("summary", summariser, of, b.summary())
	}
	b.translate(of)
	b.facts = spoken
}

func (b *builder) chatDialog(t turn, room, application string) dialog {
	others := []int{t.party}
	for i := range b.doc.Parties {
		if i != t.party {
			others = append(others, i)
		}
	}
	return dialog{Type: "text", Start: stamp(b.now), Parties: others, Originator: new(t.party),
		MediaType: "text/plain", Encoding: "none",
		Body: t.text, Application: application, Meta: &dialogMeta{Room: room}}
}

// chatScript returns the turns of the chat, four to fourteen.
func (b *builder) chatScript() []turn {
	if b.language() != "en" {
		original, _ := b.foreignTurns()
		return original
	}
	turns := b.chatTurns(b.rng.IntN(6))
	return turns[:min(len(turns), maxChatTurns)]
}

// chatTurns returns a chat with a number of question-and-answer pairs between its first and its last
// words. Where a call follows, the solution is left to it.
func (b *builder) chatTurns(pairs int) []turn {
	lines := b.lib["chat"]
	turns, pairs := b.robot(pairs)
	turns = append(turns, turn{agentParty, b.say(lines["greet"])}, turn{customerParty, b.opening()})
	turns = append(turns, b.oddTurns()...)
	asked := min(2, (pairs+1)/2)
	turns = append(turns, b.pairs(lines["identify"], asked)...)
	turns = append(turns, b.pairs(b.topic.sections["exchange"], min(2, pairs-asked))...)
	if b.slot.kind == chatThenCall {
		return append(turns, b.pairs(lines["ring"], 1)...)
	}
	turns = append(turns, turn{agentParty, b.matter("resolve")}, turn{customerParty, b.say(lines["react"])})
	turns = append(turns, b.pairs(lines["more"], min(1, pairs/4))...)
	return append(turns, turn{agentParty, b.say(lines["bye-agent"])})
}

// opening is what the customer writes first, some without a capital.
func (b *builder) opening() string {
	text := b.say(b.lib["chat"]["open"]) + " " + b.matter("problem")
	if b.chance(4) {
		return strings.ToLower(text)
	}
	return text
}

// robot lets a program begin some of the longer chats, in place of one of the pairs; it is a third party.
func (b *builder) robot(pairs int) ([]turn, int) {
	if pairs < 3 || b.slot.kind != chat || b.oddTurns() != nil {
		return nil, pairs
	}
	b.doc.Parties = append(b.doc.Parties, party{Name: "Hal", Role: "bot", Org: "Halden Energy"})
	lines, robot := b.lib["chat"], len(b.doc.Parties)-1
	return []turn{{robot, b.say(lines["bot"])}, {customerParty, b.say(lines["bot-reply"])}}, pairs - 1
}

//go:embed phrases/*.txt
var phraseFiles embed.FS

// sections are the lines of one file of phrases, by the heading that they stand under.
type sections map[string][]string

// library is every file of phrases, by its name without the ending.
type library map[string]sections

// mustLoadPhrases panics if the embedded files cannot be read, which only a broken build can cause.
func mustLoadPhrases(files fs.FS) library {
	lib, err := loadPhrases(files)
	if err != nil {
		panic(err)
	}
	return lib
}

// loadPhrases reads phrases/*.txt.
func loadPhrases(files fs.FS) (library, error) {
	names, err := fs.Glob(files, "phrases/*.txt")
	if err != nil {
		return nil, fmt.Errorf("demo: listing the phrases: %w", err)
	}
	lib := library{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("demo: reading phrases: %w", err)
		}
		lib[strings.TrimSuffix(path.Base(name), ".txt")] = parseSections(string(text))
	}
	return lib, nil
}

// parseSections reads "# heading" lines and the phrases below them. Empty lines separate nothing; \n in
// a phrase is a line break.
func parseSections(text string) sections {
	s := sections{}
	heading := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if title, ok := strings.CutPrefix(line, "# "); ok {
			heading = title
		} else if line != "" {
			s[heading] = append(s[heading], strings.ReplaceAll(line, `\n`, "\n"))
		}
	}
	return s
}

// words are the single words and names to build conversations of.
type words struct {
	first, last, company, street, town, tariff, slot []string
}

// words returns what names.txt holds.
func (l library) words() words {
	list := func(section string) []string { return strings.Split(strings.Join(l["names"][section], "|"), "|") }
	return words{list("first"), list("last"), list("company"), list("street"), list("town"), list("tariff"),
		list("slot")}
}

// topic is something that people get in touch about: a file of phrases with an "about" section.
type topic struct {
	sections
	category, queue, group string
	tags                   []string
}

// topics returns the topics in the order of their file names.
func (l library) topics() []topic {
	var found []topic
	for _, name := range slices.Sorted(maps.Keys(l)) {
		if l[name]["about"] != nil {
			found = append(found, newTopic(l[name]))
		}
	}
	return found
}

func newTopic(s sections) topic {
	about := map[string]string{}
	for _, line := range s["about"] {
		key, value, _ := strings.Cut(line, ": ")
		about[key] = value
	}
	return topic{s, about["category"], about["queue"], about["group"], strings.Split(about["tags"], ", ")}
}
