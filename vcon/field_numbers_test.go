package vcon_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qm-compliance/conversation"
	"qm-compliance/vcon"
)

// fieldNumbers reads one of the inputs of the field that lie beside the project.
func fieldNumbers(t *testing.T, name string) *conversation.Incoming {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "shared", "field", name))
	if err != nil {
		t.Skipf("the inputs of the field are not beside the project: %v", err)
	}
	read, err := vcon.Parse(text, vcon.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func TestFieldNumberInsideAddress(t *testing.T) {
	t.Parallel()
	read := fieldNumbers(t, "03-number-inside-address/02-number-in-address.json")
	for _, p := range read.Participants {
		if covered := p.PhoneNumber + p.PhoneAddress; !strings.Contains(conversation.Digits(covered), "420777888") {
			t.Errorf("%s: the phone switch covers %q", p.Name, covered)
		}
		if left := conversation.Digits(p.DigitalAddress + p.Name); left != "" {
			t.Errorf("%s: the phone switch leaves %q", p.Name, left)
		}
	}
	if len(read.Participants) != 7 {
		t.Errorf("%d participants", len(read.Participants))
	}
}

func TestFieldNameEqualsHandle(t *testing.T) {
	t.Parallel()
	read := fieldNumbers(t, "12-name-equals-handle/b-name-equals-handle.json")
	if a, b := read.Participants[0].Name, read.Participants[1].Name; a != "visitor42" || b != "Marta" {
		t.Errorf("the names are %q and %q", a, b)
	}
	if author := read.Segments[0].Messages[0].Author; author != 1 {
		t.Errorf("the author is %d", author)
	}
}

func TestFieldRecorderURL(t *testing.T) {
	t.Parallel()
	read := fieldNumbers(t, "13-recorder-url-number/05-url-unknown-number.json")
	files := 0
	for _, s := range read.Segments {
		for _, f := range s.Media {
			if files++; f.URL != "" {
				t.Errorf("%s stays", f.URL)
			}
		}
	}
	if files != 3 || read.Participants[0].PhoneNumber != "" {
		t.Errorf("%d files, the withheld number is %q", files, read.Participants[0].PhoneNumber)
	}
}

func TestFieldAddressesOfEveryAlphabet(t *testing.T) {
	t.Parallel()
	read := fieldNumbers(t, "15-umlaut-search/12-i18n.json")
	checkRoundTrip(t, strictSchema(t), []*conversation.Incoming{read})
	for _, p := range read.Participants {
		if p.DigitalAddress == "" || p.PhoneNumber+p.PhoneAddress != "" {
			t.Errorf("%+v has a number, or no address", p)
		}
	}
}
