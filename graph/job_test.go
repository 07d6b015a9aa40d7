package graph_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/auth"
	"qm-compliance/db"
	"qm-compliance/graph"
)

// plan plans a job of all conversations, and returns its id.
func (a *api) plan(t testing.TB) string {
	t.Helper()
	const plan = `mutation { planAnonymization(input: {filter: {}}) { job { id } userErrors { message } } }`
	planned := a.do(t, "manager", plan, nil)
	if planned.code() != "" {
		t.Fatal(planned.Errors)
	}
	job, is := planned.Data["planAnonymization"].(map[string]any)["job"].(map[string]any)
	if !is {
		t.Fatal(planned.Data)
	}
	return job["id"].(string)
}

// work works on a job until nothing is left to do.
func (a *api) work(t testing.TB, id string) {
	t.Helper()
	number, err := graph.JobNumber(id)
	if err != nil {
		t.Fatal(err)
	}
	for worked := true; worked; {
		if worked, err = a.store.WorkOnJob(t.Context(), number, db.JobWorker{}); err != nil {
			t.Fatal(err)
		}
	}
}

// at finds what a path of members and indexes leads to.
func at(t testing.TB, value any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			value = value.(map[string]any)[step]
		case int:
			value = value.([]any)[step]
		}
	}
	return value
}

const wholeJob = `fragment whole on AnonymizationJob { id state settingsVersion conversationCount plannedBy plannedAt
	expiresAt startedBy startsAt startedAt pausedBy pausedAt cancelledBy endedAt failure
	criteria { startedFrom startedTo types hasPhoneNumber hasDigitalAddress metadataKeys isReviewable mediaStatuses
		isAnonymized anonymizedBefore }
	progress { countedCount doneCount unchangedCount leftOutCount failedCount conversationsPerSecond remainingSeconds }
	preview { unchangedCount goneCount reviewEndsCount notReviewableCount staysReviewable { reason count }
		effect { ...effect } keptCount isTextKept kept { ...kept } }
	problems { nodes { reason conversation { id } } edges { cursor } pageInfo { hasNextPage } }
	report { conversationCount doneCount unchangedCount notReachedCount problems { reason count } effect { ...effect }
		settings { version isInForce } keptCount isTextKept kept { ...kept }
		verification { state checkedCount remainingValueCount missingPlaceholderCount remainingFileCount endedAt
			examples { conversation { id } } }
		auditOperation { activity result user { name } totals { name count } } } }
	fragment effect on AnonymizationEffect { valueCount phoneNumbers digitalAddresses subjects messages { kind count }
		customData { key count } otherData { key count } media { kind planned kept protected } }
	fragment kept on KeptData { kind key count conversationCount protectedUntil examples { conversation { id } } }`

// The way of a job over the API: what it is while it is planned, started and done, and what the report says.
func TestJobsOverTheAPI(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	id := a.plan(t)
	show := func() map[string]any {
		t.Helper()
		shown := a.do(t, "manager", `query($id: ID!) { anonymizationJob(id: $id) { ...whole } } `+wholeJob,
			map[string]any{"id": id})
		if shown.code() != "" {
			t.Fatal(shown.Errors)
		}
		return shown.Data["anonymizationJob"].(map[string]any)
	}
	planning := show()
	if planning["state"] != "PLANNING" || planning["preview"] != nil || planning["report"] != nil ||
		planning["conversationCount"] != 5.0 || planning["expiresAt"] == nil || planning["startedBy"] != nil {
		t.Errorf("planning: %v", planning)
	}
	a.work(t, id)
	planned := show()
	if planned["state"] != "PLANNED" || at(t, planned, "progress", "countedCount") != 5.0 ||
		at(t, planned, "preview", "effect", "phoneNumbers") == 0.0 || at(t, planned, "preview", "isTextKept") != true ||
		at(t, planned, "preview", "kept", 0, "kind") != "NAME" ||
		len(at(t, planned, "preview", "kept", 0, "examples").([]any)) != 5 ||
		at(t, planned, "criteria", "hasPhoneNumber") != false {
		t.Errorf("planned: %v", planned)
	}
	start := func(input string) answer {
		return a.do(t, "manager", `mutation { startAnonymization(input: {jobId: "`+id+`"`+input+`}) {
			job { state startedBy } userErrors { code field } } }`, nil)
	}
	for input, want := range map[string]string{
		`, settingsVersion: 7`:              "CONFLICT [input settingsVersion]",
		`, startAt: "2040-01-01T00:00:00Z"`: "INVALID [input startAt]",
	} {
		refused := at(t, start(input).Data, "startAnonymization", "userErrors", 0)
		if got := fmt.Sprint(at(t, refused, "code"), " ", at(t, refused, "field")); got != want {
			t.Errorf("%s: %s, want %s", input, got, want)
		}
	}
	if started := start(""); at(t, started.Data, "startAnonymization", "job", "state") != "RUNNING" {
		t.Fatalf("%+v", started)
	}
	a.work(t, id)
	done := show()
	if done["state"] != "DONE" || done["endedAt"] == nil || done["expiresAt"] != nil ||
		at(t, done, "report", "doneCount") != 5.0 || at(t, done, "report", "verification", "state") != "PASSED" ||
		at(t, done, "report", "auditOperation", "result") != "SUCCESS" {
		t.Errorf("done: %v", done)
	}
	if diff := cmp.Diff(at(t, done, "preview", "effect"), at(t, done, "report", "effect")); diff != "" {
		t.Errorf("it did something else than was planned (-planned +done):\n%s", diff)
	}
	if diff := cmp.Diff(at(t, done, "preview", "kept"), at(t, done, "report", "kept")); diff != "" {
		t.Errorf("something else stays than was planned (-planned +done):\n%s", diff)
	}
	node := a.do(t, "manager", `query($id: ID!) { node(id: $id) { ... on AnonymizationJob { ...whole } } } `+wholeJob,
		map[string]any{"id": id})
	if diff := cmp.Diff(done, node.Data["node"]); diff != "" {
		t.Errorf("(-anonymizationJob +node):\n%s", diff)
	}
	withoutAudit := a.ask(t, viewers()["all"], `{ anonymizationJob(id: "`+id+`") { report { auditOperation { activity } } } }`)
	if at(t, withoutAudit, "anonymizationJob", "report", "auditOperation") != nil {
		t.Error("who may not read the audit log sees the operation")
	}
	again := start("")
	if at(t, again.Data, "startAnonymization", "userErrors", 0, "code") != "CONFLICT" ||
		at(t, again.Data, "startAnonymization", "job", "state") != "DONE" {
		t.Errorf("starting again: %+v", again)
	}
}

// What cannot be planned is an error that says where.
func TestPlansThatAreRefused(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	id := a.conversationIDs(t)[0]
	absent := graph.GlobalID("Conversation", 999)
	for input, want := range map[string]string{
		`{}`: "INVALID [input filter]",
		`{filter: {}, conversationIds: ["` + id + `"]}`:        "INVALID [input conversationIds]",
		`{conversationIds: []}`:                                "INVALID [input conversationIds]",
		`{conversationIds: ["x"]}`:                             "INVALID [input conversationIds 0]",
		`{filter: {participantPhoneNumber: "1"}}`:              "INVALID [input filter participantPhoneNumber]",
		`{filter: {metadata: [{key: "nowhere", value: "x"}]}}`: "INVALID [input filter metadata 0 key]",
		`{filter: {anonymizedBefore: {settingsVersion: 9}}}`:   "INVALID [input filter anonymizedBefore settingsVersion]",
		`{filter: {startedTo: "1990-01-01T00:00:00Z"}}`:        "INVALID <nil>",
		`{conversationIds: ["` + absent + `"]}`:                "INVALID <nil>",
		`{conversationIds: ["` + id + `", "` + absent + `"]}`:  "NOT_FOUND [input conversationIds 1]",
	} {
		planned := a.do(t, "manager", `mutation { planAnonymization(input: `+input+`) { job { conversationCount } userErrors { code field } } }`, nil)
		if planned.code() != "" {
			t.Errorf("%s: %+v", input, planned.Errors)
			continue
		}
		wrong := at(t, planned.Data, "planAnonymization", "userErrors", 0)
		if got := fmt.Sprint(at(t, wrong, "code"), " ", at(t, wrong, "field")); got != want {
			t.Errorf("%s: %s, want %s", input, got, want)
		}
		if job := at(t, planned.Data, "planAnonymization", "job"); (job != nil) != strings.HasPrefix(want, "NOT_FOUND") {
			t.Errorf("%s: the job is %v", input, job)
		}
	}
}

// A job contains what its planner sees; it is there for those alone who see all of that.
func TestScopesOfJobs(t *testing.T) {
	t.Parallel()
	for name, viewer := range viewers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			planned := a.ask(t, viewer, `mutation { planAnonymization(input: {filter: {}}) { job { id conversationCount } userErrors { code } } }`)
			job := at(t, planned, "planAnonymization", "job")
			if len(seen()[name]) == 0 {
				if job != nil {
					t.Errorf("who sees nothing has planned %v", job)
				}
				return
			}
			if at(t, job, "conversationCount") != float64(len(seen()[name])) {
				t.Fatalf("%v, want %d conversations", job, len(seen()[name]))
			}
			id := at(t, job, "id").(string)
			a.work(t, id)
			for other, asked := range viewers() {
				covers := len(seen()[other]) == 5 && other != "both groups" && other != "own and group" || other == name ||
					other == "both groups" && strings.HasPrefix(name, "group ") || other == "own and group" && name == "group support"
				shown := a.ask(t, asked, `{ anonymizationJob(id: "`+id+`") { id } anonymizationJobs { nodes { id } } }`)
				if found := shown["anonymizationJob"] != nil; found != covers ||
					len(at(t, shown, "anonymizationJobs", "nodes").([]any)) != map[bool]int{true: 1}[covers] {
					t.Errorf("as %q: found %t, want %t", other, found, covers)
				}
				cancelled := a.ask(t, asked, `mutation { pauseAnonymization(input: {jobId: "`+id+`"}) { job { id } userErrors { code } } }`)
				want := map[bool]string{true: "CONFLICT", false: "NOT_FOUND"}[covers]
				if got := at(t, cancelled, "pauseAnonymization", "userErrors", 0, "code"); got != want {
					t.Errorf("pausing as %q: %v, want %s", other, got, want)
				}
			}
			a.ask(t, viewer, `mutation { startAnonymization(input: {jobId: "`+id+`"}) { userErrors { code } } }`)
			a.work(t, id)
			done := a.ask(t, &auth.Viewer{Roles: auth.Roles()}, `{ conversations(filter: {isAnonymized: true}) { totalCount } }`)
			if at(t, done, "conversations", "totalCount") != float64(len(seen()[name])) {
				t.Errorf("%v are anonymized", done)
			}
		})
	}
}

// A role that is taken away stops the jobs of the person, once a newer token says so.
func TestATokenWithoutTheRoleStopsJobs(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	viewer := *viewers()["group support"]
	viewer.IssuedAt = testNow
	planned := a.ask(t, &viewer, `mutation { planAnonymization(input: {filter: {}}) { job { id } userErrors { code } } }`)
	id := at(t, planned, "planAnonymization", "job", "id").(string)
	a.work(t, id)
	a.ask(t, &viewer, `mutation { startAnonymization(input: {jobId: "`+id+`"}) { userErrors { code } } }`)
	newer := viewer
	newer.IssuedAt, newer.Groups = testNow.Add(time.Minute), []string{"billing"}
	a.as(&newer).(*graph.Handler).Accepted(t.Context(), &newer)
	a.work(t, id)
	shown := a.ask(t, viewers()["all"], `{ anonymizationJob(id: "`+id+`") { state failure progress { doneCount } } }`)
	if at(t, shown, "anonymizationJob", "state") != "FAILED" || at(t, shown, "anonymizationJob", "failure") != "SCOPE_WITHDRAWN" ||
		at(t, shown, "anonymizationJob", "progress", "doneCount") != 0.0 {
		t.Errorf("%v", shown)
	}
}

// A subscription sends a job each time it changes, and nothing to who may not see it.
func TestAnonymizationJobChanged(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.runHub(t)
	id := a.plan(t)
	blind := dial(t, a.as(viewers()["group billing"]), "Bearer viewer")
	blind.next()
	blind.subscribe("1", `subscription { anonymizationJobChanged(id: "`+id+`") { state } }`)
	s := dial(t, a.as(viewers()["all"]), "Bearer viewer")
	s.next()
	s.subscribe("1", `subscription { anonymizationJobChanged(id: "`+id+`") { state progress { countedCount } } }`)
	a.work(t, id)
	for {
		message := s.next()
		text, _ := json.Marshal(message)
		if strings.Contains(string(text), `"PLANNED"`) && strings.Contains(string(text), `"countedCount":5`) {
			break
		}
	}
	blind.subscribe("2", `subscription { complianceSettingsChanged { version } }`)
	a.do(t, "manager", `mutation { saveComplianceSettings(input: {baseVersion: 1, basicData: {mediaFiles: true}}) { userErrors { code } } }`, nil)
	text, _ := json.Marshal(blind.next())
	if !strings.Contains(string(text), "complianceSettingsChanged") {
		t.Errorf("who may not see the job is sent %s", text)
	}
}

// Versions of the settings are listed page by page and compared; a filter finds what a version would complete.
func TestVersionsOfTheSettings(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	ids := a.conversationIDs(t)
	a.do(t, "manager", `mutation { anonymizeConversations(input: {conversationIds: ["`+ids[0]+`"]}) { userErrors { code } } }`, nil)
	for version, input := range []string{`basicData: {mediaFiles: true}`, `basicData: {mediaFiles: false, participantPhoneNumber: false}`,
		`otherData: [{key: "routing.queue", isAnonymized: true}]`} {
		saved := a.do(t, "manager", fmt.Sprintf(`mutation { saveComplianceSettings(input: {baseVersion: %d, %s}) { userErrors { message } } }`, version+1, input), nil)
		if errs := at(t, saved.Data, "saveComplianceSettings", "userErrors").([]any); len(errs) > 0 {
			t.Fatal(errs)
		}
	}
	list := `query($after: Cursor) { complianceSettingsVersions(first: 3, after: $after) {
		nodes { version savedBy isInForce basicData { mediaFiles } metadataKeys metadataKeyCount } pageInfo { hasNextPage endCursor } } }`
	first := a.do(t, "manager", list, nil).Data["complianceSettingsVersions"]
	if at(t, first, "nodes", 0, "version") != 4.0 || at(t, first, "nodes", 0, "isInForce") != true ||
		at(t, first, "nodes", 0, "metadataKeys", 0) != "routing.queue" || at(t, first, "nodes", 2, "basicData", "mediaFiles") != true {
		t.Errorf("%v", first)
	}
	last := a.do(t, "manager", list, map[string]any{"after": at(t, first, "pageInfo", "endCursor")}).Data["complianceSettingsVersions"]
	if at(t, last, "nodes", 0, "version") != 1.0 || at(t, last, "nodes", 0, "savedBy") != nil || at(t, last, "pageInfo", "hasNextPage") != false {
		t.Errorf("%v", last)
	}
	diff := a.do(t, "manager", `{ some: complianceSettingsDiff(from: 2, to: 4) { from { version } to { version }
		basicData { item isOnBefore isOnAfter } metadataKeys { key isOnBefore isOnAfter } metadataKeyCount }
		none: complianceSettingsDiff(from: 2, to: 9) { metadataKeyCount } }`, nil).Data
	want := map[string]any{
		"none": nil,
		"some": map[string]any{
			"from": map[string]any{"version": 2.0}, "to": map[string]any{"version": 4.0},
			"basicData": []any{
				map[string]any{"item": "PARTICIPANT_PHONE_NUMBER", "isOnBefore": true, "isOnAfter": false},
				map[string]any{"item": "MEDIA_FILES", "isOnBefore": true, "isOnAfter": false},
			},
			"metadataKeys":     []any{map[string]any{"key": "routing.queue", "isOnBefore": false, "isOnAfter": true}},
			"metadataKeyCount": 1.0,
		},
	}
	if diff := cmp.Diff(want, diff); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for version, count := range map[int]float64{1: 4, 2: 5, 3: 4, 4: 5} {
		found := a.do(t, "manager", fmt.Sprintf(`{ conversations(filter: {anonymizedBefore: {settingsVersion: %d}}) { totalCount } }`, version), nil)
		if at(t, found.Data, "conversations", "totalCount") != count {
			t.Errorf("before version %d: %v, want %v", version, found.Data, count)
		}
	}
}

// The preview of ids and the settings say what stays.
func TestWhatStays(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	ids, _ := json.Marshal(a.conversationIDs(t)[:1])
	preview := a.do(t, "manager", `{ anonymizationPreview(input: {conversationIds: `+string(ids)+`}) { keptCount isTextKept
		kept { kind key count conversationCount examples { conversation { id } } } } }`, nil).Data["anonymizationPreview"]
	var kept []string
	for _, one := range at(t, preview, "kept").([]any) {
		kept = append(kept, fmt.Sprint(at(t, one, "kind"), " ", at(t, one, "key"), " ", at(t, one, "count"), " ", len(at(t, one, "examples").([]any))))
	}
	want := []string{"NAME <nil> 2 1", "MESSAGE <nil> 3 1", "METADATA_VALUE crm.customer 1 1", "METADATA_VALUE crm.iban 1 1",
		"METADATA_VALUE routing.queue 1 1", "CALL_RECORDING <nil> 1 1", "SCREEN_RECORDING <nil> 1 1"}
	if diff := cmp.Diff(want, kept); diff != "" || at(t, preview, "isTextKept") != true {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for input, want := range map[string]string{
		`{}`: "[NAME SUBJECT MESSAGE METADATA_VALUE CALL_RECORDING SCREEN_RECORDING PROTECTED_FILE] true",
		`{participantPhoneNumber: false, participantDigitalAddress: false}`: "[NAME PHONE_NUMBER DIGITAL_ADDRESS SUBJECT MESSAGE METADATA_VALUE CALL_RECORDING SCREEN_RECORDING PROTECTED_FILE] false",
		`{mediaFiles: true}`:                       "[NAME SUBJECT MESSAGE METADATA_VALUE PROTECTED_FILE] true",
		`{subjectAndBody: true, mediaFiles: true}`: "[NAME METADATA_VALUE PROTECTED_FILE] false",
	} {
		a.do(t, "manager", `mutation { resetComplianceSettings { userErrors { code } } }`, nil)
		staged := a.do(t, "manager", `mutation { stageComplianceSettings(input: {basicData: `+input+`}) { settings { keptKinds isTextKept staged { keptKinds isTextKept } } } }`, nil).
			Data["stageComplianceSettings"]
		shown := at(t, staged, "settings", "staged")
		if shown == nil {
			shown = at(t, staged, "settings")
		}
		if got := fmt.Sprint(at(t, shown, "keptKinds"), " ", at(t, shown, "isTextKept")); got != want {
			t.Errorf("%s: %s, want %s", input, got, want)
		}
	}
}
