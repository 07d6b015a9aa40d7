package graph_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/auth"
	"qm-compliance/graph"
)

// roots are an operation for each root field that reaches it. Mutations are given inputs that change nothing.
func roots(id string) map[string]string {
	return map[string]string{
		"Query.viewer":             `{ viewer { name } }`,
		"Query.complianceSettings": `{ complianceSettings { version } }`,
		"Query.conversations":      `{ conversations { nodes { id } } }`,
		"Query.conversation":       `query { conversation(id: "` + id + `") { id } }`,
		"Query.node":               `query { node(id: "` + id + `") { id } }`,
		"Query.auditEvents":        `{ auditEvents { nodes { id } } }`,
		"Query.auditOperations":    `{ auditOperations { nodes { id } } }`,
		"Query.metadataKeys":       `{ metadataKeys { key } }`,
		"Query.metadataKeyCount":   `{ metadataKeyCount }`,
		"Query.exportConversation": `{ exportConversation(id: "` + id + `") }`,
		"Query.anonymizationPreview": `{ anonymizationPreview(input: {conversationIds: ["` + id +
			`"]}) { settingsVersion } }`,
		"Query.anonymizationJob":           `query { anonymizationJob(id: "` + graph.GlobalID("AnonymizationJob", 1) + `") { id } }`,
		"Query.anonymizationJobs":          `{ anonymizationJobs { nodes { id } } }`,
		"Query.complianceSettingsVersions": `{ complianceSettingsVersions { nodes { version } } }`,
		"Query.complianceSettingsDiff":     `{ complianceSettingsDiff(from: 1, to: 1) { metadataKeyCount } }`,
		"Mutation.planAnonymization":       `mutation { planAnonymization(input: {}) { userErrors { code } } }`,
		"Mutation.startAnonymization": `mutation { startAnonymization(input: {jobId: "` +
			graph.GlobalID("AnonymizationJob", 1) + `"}) { userErrors { code } } }`,
		"Mutation.pauseAnonymization": `mutation { pauseAnonymization(input: {jobId: "` +
			graph.GlobalID("AnonymizationJob", 1) + `"}) { userErrors { code } } }`,
		"Mutation.resumeAnonymization": `mutation { resumeAnonymization(input: {jobId: "` +
			graph.GlobalID("AnonymizationJob", 1) + `"}) { userErrors { code } } }`,
		"Mutation.cancelAnonymization": `mutation { cancelAnonymization(input: {jobId: "` +
			graph.GlobalID("AnonymizationJob", 1) + `"}) { userErrors { code } } }`,
		"Subscription.anonymizationJobChanged": `subscription { anonymizationJobChanged(id: "` +
			graph.GlobalID("AnonymizationJob", 1) + `") { id } }`,
		"Mutation.saveComplianceSettings":  `mutation { saveComplianceSettings(input: {baseVersion: 99}) { userErrors { code } } }`,
		"Mutation.stageComplianceSettings": `mutation { stageComplianceSettings(input: {}) { userErrors { code } } }`,
		"Mutation.resetComplianceSettings": `mutation { resetComplianceSettings { userErrors { code } } }`,
		"Mutation.anonymizeConversations":  `mutation { anonymizeConversations(input: {conversationIds: ["nonsense"]}) { userErrors { code } } }`,
		"Mutation.configureMetadataKey":    `mutation { configureMetadataKey(input: {key: "nowhere"}) { userErrors { code } } }`,
		"Mutation.protectMedia": `mutation { protectMedia(input: {mediaFileIds: ["` +
			graph.GlobalID("MediaFile", 1) + `"], reason: OTHER}) { userErrors { code } } }`,
		"Mutation.releaseMedia": `mutation { releaseMedia(input: {mediaFileIds: ["` +
			graph.GlobalID("MediaFile", 1) + `"]}) { userErrors { code } } }`,
		"Subscription.complianceSettingsChanged": `subscription { complianceSettingsChanged { version } }`,
		"Subscription.conversationChanged": `subscription { conversationChanged(ids: ["` + id +
			`"]) { id } }`,
	}
}

// TestRoleMatrix asks for every root field as a holder of each single role, as a holder of none, and as
// nobody, and compares who is admitted with testdata/roles.golden, which is the documentation of the
// permission model.
func TestRoleMatrix(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	operations := roots(a.conversationIDs(t)[0])
	schema := graph.NewExecutableSchema(graph.Config{}).Schema()
	lines := []string{header()}
	for _, root := range []struct {
		name   string
		fields []string
	}{{"Query", fieldNames(schema.Query.Fields)}, {"Mutation", fieldNames(schema.Mutation.Fields)},
		{"Subscription", fieldNames(schema.Subscription.Fields)}} {
		for _, field := range root.fields {
			operation, known := operations[root.name+"."+field]
			if !known {
				t.Fatalf("the matrix has no operation for %s.%s", root.name, field)
			}
			lines = append(lines, a.matrixLine(t, root.name+"."+field, operation))
		}
	}
	compareGolden(t, "testdata/roles.golden", strings.Join(lines, "\n")+"\n")
}

func header() string {
	line := fmt.Sprintf("%-40s nobody  none", "")
	for _, role := range auth.Roles() {
		line += "  " + string(role)
	}
	return line
}

func (a *api) matrixLine(t *testing.T, name, operation string) string {
	line := fmt.Sprintf("%-40s %-6s  %-4s", name, mark(a.outcome(t, nil, operation)),
		mark(a.outcome(t, &auth.Viewer{}, operation)))
	for _, role := range auth.Roles() {
		line += fmt.Sprintf("  %-*s", len(role),
			mark(a.outcome(t, &auth.Viewer{Roles: []auth.Role{role}}, operation)))
	}
	return strings.TrimRight(line, " ")
}

func mark(code string) string {
	switch code {
	case "":
		return "yes"
	case "UNAUTHENTICATED":
		return "401"
	case "FORBIDDEN":
		return "-"
	}
	return code
}

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
