package db

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/audit"
	"qm-compliance/compliance"
	"qm-compliance/conversation"
)

func TestFilterValidate(t *testing.T) {
	t.Parallel()
	now, earlier := testNow, testNow.Add(-time.Hour)
	ancient, distant := time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		filter Filter
		fields []string // the path of each error; none where the filter is right
	}{
		"nothing":                  {Filter{}, nil},
		"period":                   {Filter{StartedFrom: &earlier, StartedTo: &now}, nil},
		"one instant":              {Filter{StartedFrom: &now, StartedTo: &now}, nil},
		"from after to":            {Filter{StartedFrom: &now, StartedTo: &earlier}, []string{"startedFrom"}},
		"year 0":                   {Filter{StartedFrom: &ancient}, []string{"startedFrom"}},
		"year 10000":               {Filter{StartedTo: &distant}, []string{"startedTo"}},
		"no types":                 {Filter{Types: []compliance.ConversationType{}}, []string{"types"}},
		"no statuses":              {Filter{MediaStatuses: []compliance.MediaStatus{}}, []string{"mediaStatuses"}},
		"three digits":             {Filter{PhoneNumber: "+1 2-3"}, nil},
		"two digits":               {Filter{PhoneNumber: "+1 2 and more"}, []string{"participantPhoneNumber"}},
		"three characters":         {Filter{DigitalAddress: "a.b"}, nil},
		"two characters":           {Filter{DigitalAddress: "ab"}, []string{"participantDigitalAddress"}},
		"spaces around two":        {Filter{DigitalAddress: "  ab  "}, []string{"participantDigitalAddress"}},
		"punctuation":              {Filter{DigitalAddress: "a@@@@"}, []string{"participantDigitalAddress"}},
		"three letters, six bytes": {Filter{DigitalAddress: "čšž"}, nil},
		"NUL in address":           {Filter{DigitalAddress: "abc\x00"}, []string{"participantDigitalAddress"}},
		"NUL in number":            {Filter{PhoneNumber: "123\x00"}, nil}, // only its digits count
		"broken UTF-8":             {Filter{DigitalAddress: "abc\xff"}, []string{"participantDigitalAddress"}},
		"metadata":                 {Filter{Metadata: []MetadataMatch{{Key: "k", Value: ""}}}, nil},
		"empty metadata":           {Filter{Metadata: []MetadataMatch{}}, nil},
		"empty key":                {Filter{Metadata: []MetadataMatch{{Key: "k"}, {Key: "  "}}}, []string{"metadata.1.key"}},
		"NUL in key and value": {Filter{Metadata: []MetadataMatch{{Key: "k\x00", Value: "\x00"}}},
			[]string{"metadata.0.key", "metadata.0.value"}},
		"as many values as allowed": {Filter{Metadata: slices.Repeat([]MetadataMatch{{Key: "k"}},
			MaximumMetadataMatches)}, nil},
		"too many values": {Filter{Metadata: slices.Repeat([]MetadataMatch{{Key: "k"}},
			MaximumMetadataMatches+1)}, []string{"metadata"}},
		"several at once": {Filter{PhoneNumber: "1", DigitalAddress: "a"},
			[]string{"participantPhoneNumber", "participantDigitalAddress"}},
	} {
		var fields []string
		for _, err := range test.filter.Validate() {
			fields = append(fields, strings.Join(err.Field, "."))
			if err.Code != compliance.CodeInvalid || err.Message == "" {
				t.Errorf("%s: %+v", name, err)
			}
		}
		if diff := cmp.Diff(test.fields, fields); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestQueriesRefuseAFilterThatIsWrong(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	wrong := Filter{PhoneNumber: "1"}
	_, listErr := s.Conversations(t.Context(), Everything(), wrong, Order{}, everyRow(), Want{})
	_, countErr := s.CountConversations(t.Context(), Everything(), wrong, 10)
	_, auditErr := s.AuditEvents(t.Context(), AuditFilter{Results: []audit.Result{}}, everyRow())
	for name, err := range map[string]error{"list": listErr, "count": countErr, "audit": auditErr} {
		if errs := compliance.UserErrors(err); len(errs) != 1 || errs[0].Code != compliance.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWildcardsStandForThemselves looks for each character that LIKE gives a meaning to.
func TestWildcardsStandForThemselves(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	ids := map[string]int64{}
	for i, address := range []string{"one%two", "one_two", `one\two`, "oneXtwo", `one\%two`, "it's o''k", "???",
		"?0 and ?"} {
		c := newGenerator(uint64(i)).conversation(nil)
		c.Metadata, c.Participants = nil, []*conversation.Participant{{Role: compliance.RoleCustomer,
			DigitalAddress: address}}
		storeConversations(t, s, []stored{c})
		ids[address] = c.ID
	}
	for input, want := range map[string][]string{
		"e%t": {"one%two"}, "e_t": {"one_two"}, `e\t`: {`one\two`}, `e\%t`: {`one\%two`},
		"ONE":  {"one%two", "one_two", `one\two`, "oneXtwo", `one\%two`},
		"it's": {"it's o''k"}, "'; DROP": nil, "?0 and ?": {"?0 and ?"},
	} {
		wanted := []int64{}
		for _, address := range want {
			wanted = append(wanted, ids[address])
		}
		got := listIDs(t, s, Everything(), Filter{DigitalAddress: input}, Order{})
		slices.Sort(got)
		if diff := cmp.Diff(wanted, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", input, diff)
		}
	}
}

// TestAnonymizedValuesNeverMatch looks for placeholders, and for what stands beside a flag although it was to
// be overwritten.
func TestAnonymizedValuesNeverMatch(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	keys := storeKeys(t, s, "language")
	var all []stored
	for i, anonymized := range []bool{false, true} {
		c := newGenerator(uint64(i)).conversation(nil)
		c.Participants = []*conversation.Participant{{
			Role: compliance.RoleCustomer, PhoneNumber: "777", PhoneNumberAnonymized: anonymized,
			DigitalAddress: string(compliance.DigitalAddressPlaceholder), DigitalAddressAnonymized: anonymized,
		}}
		c.Metadata = []*conversation.Metadatum{{KeyID: keys["language"], Value: string(compliance.MetadataPlaceholder),
			ValueAnonymized: anonymized}}
		all = append(all, c)
	}
	storeConversations(t, s, all)
	for _, f := range []Filter{
		{PhoneNumber: "777"}, {DigitalAddress: "anondigital"},
		{Metadata: []MetadataMatch{{Key: "language", Value: string(compliance.MetadataPlaceholder)}}},
	} {
		if diff := cmp.Diff([]int64{all[0].ID}, listIDs(t, s, Everything(), f, Order{})); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", f, diff)
		}
	}
}
