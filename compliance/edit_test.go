package compliance_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/compliance"
)

func TestAnEditNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	known := func(key string) bool { return key == "known" }
	keys := []compliance.KeySwitch{
		{Key: "known", On: true, Field: []string{"a"}},
		{Key: "known", Field: []string{"b"}},
		{Key: "unknown", Field: []string{"c"}},
		{Key: " ", Field: []string{"d"}},
	}
	_, errs := compliance.NewEdit(nil, keys, known)
	var fields, messages []string
	for _, err := range errs {
		fields, messages = append(fields, strings.Join(err.Field, ".")), append(messages, err.Message)
		if err.Code != compliance.CodeInvalid {
			t.Errorf("the code is %s", err.Code)
		}
	}
	if diff := cmp.Diff([]string{"b", "c", "d"}, fields); diff != "" {
		t.Error(diff)
	}
	for i, part := range []string{`"known" is given twice`, `no metadata key "unknown"`, "is empty"} {
		if !strings.Contains(messages[i], part) {
			t.Errorf("%q does not say %q", messages[i], part)
		}
	}
}

// Turning a correlation key on fails unless that is meant; turning one off, or leaving it on, never does.
func TestGuardCorrelation(t *testing.T) {
	t.Parallel()
	off, on := compliance.Selection{}, compliance.Selection{Keys: []string{"customer"}}
	for _, row := range []struct {
		name               string
		from, to           compliance.Selection
		correlation, meant bool
		refused            bool
	}{
		{"turned on", off, on, true, false, true},
		{"turned on, meant", off, on, true, true, false},
		{"turned on, no correlation key", off, on, false, false, false},
		{"turned off", on, off, true, false, false},
		{"left on", on, on, true, false, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			errs := compliance.GuardCorrelation(
				row.from, row.to, func(string) bool { return row.correlation }, func(string) int { return 7 }, row.meant,
			)
			if (len(errs) > 0) != row.refused {
				t.Fatalf("refused: %v", errs)
			}
			if row.refused &&
				(errs[0].Code != compliance.CodeCorrelationKey || !strings.Contains(errs[0].Message, "customer")) {
				t.Errorf("the error is %s: %s", errs[0].Code, errs[0].Message)
			}
		})
	}
}

// A save is made from the version in force, or refused.
func TestCheckBase(t *testing.T) {
	t.Parallel()
	for base, want := range map[int]compliance.Code{4: "", 3: compliance.CodeConflict, 1: compliance.CodeConflict,
		5: compliance.CodeInvalid} {
		if got := compliance.CodeOf(compliance.CheckBase(base, 4)); got != want {
			t.Errorf("made from version %d while 4 is in force: %q, want %q", base, got, want)
		}
	}
}
