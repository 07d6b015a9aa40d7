package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"qm-compliance/auth"
	"qm-compliance/graph"
)

// fileOf says of which conversation of the fixture each media file is.
func fileOf() map[int64]int { return map[int64]int{1: 1, 2: 1, 3: 4} }

// TestScopesOfMedia: a file or a conversation that a scope does not cover is answered, byte by byte,
// like one that does not exist, and nothing happens to it.
func TestScopesOfMedia(t *testing.T) {
	t.Parallel()
	for name, viewer := range viewers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAPI(t)
			viewer.Roles = append(viewer.Roles, auth.RoleManageDataLifecycle, auth.RoleInteractionsExportJSON)
			for id, conversation := range fileOf() {
				covered := slices.Contains(seen()[name], conversation)
				for _, operation := range []string{
					`mutation { protectMedia(input: {mediaFileIds: [%q], reason: MIFID}) { mediaFiles { isProtected } conversations { types } userErrors { code message field } } }`,
					`mutation { releaseMedia(input: {mediaFileIds: [%q]}) { mediaFiles { isProtected } conversations { types } userErrors { code message field } } }`,
				} {
					a.checkHidden(t, viewer, operation, graph.GlobalID("MediaFile", id),
						graph.GlobalID("MediaFile", 9999), covered)
				}
			}
			for i, id := range a.conversationIDs(t) {
				vcon := a.ask(t, viewer, fmt.Sprintf(`{ exportConversation(id: %q) }`, id))["exportConversation"]
				if covered := slices.Contains(seen()[name], i+1); (vcon != nil) != covered {
					t.Errorf("exports conversation %d: %v, want %v", i+1, vcon != nil, covered)
				}
			}
			a.checkUntouched(t, seen()[name])
		})
	}
}

// checkHidden holds the answer about a thing against that about one that does not exist.
func (a *api) checkHidden(t *testing.T, viewer *auth.Viewer, operation, id, unknown string, covered bool) {
	t.Helper()
	got, absent := string(a.raw(t, viewer, fmt.Sprintf(operation, id))),
		string(a.raw(t, viewer, fmt.Sprintf(operation, unknown)))
	if !strings.Contains(absent, "NOT_FOUND") || (got != absent) != covered || covered &&
		!strings.Contains(got, `"userErrors":[]`) {
		t.Errorf("covered: %v\n%s\n%s\n%s", covered, operation, got, absent)
	}
}

// checkUntouched holds that the audit log knows of nothing that was done outside a scope, and of what
// was tried there not with which files.
func (a *api) checkUntouched(t *testing.T, covered []int) {
	t.Helper()
	want := 0
	for _, conversation := range fileOf() {
		if slices.Contains(covered, conversation) {
			want += 2 // protected, and released
		}
	}
	var got, named int
	const query = `
SELECT count(*) FILTER (WHERE result = 'SUCCESS'), count(*) FILTER (WHERE result = 'FAILURE' AND (conversation_id IS NOT NULL OR convert_from(encoding, 'UTF8')::jsonb->'details'->'files' IS NOT NULL))
  FROM audit_events WHERE activity IN ('MEDIA_PROTECTED', 'MEDIA_RELEASED')`
	if err := a.bun.NewRaw(query).Scan(t.Context(), &got, &named); err != nil || got != want || named != 0 {
		t.Errorf("%d events of protection, want %d; %d refusals name what is hidden, %v", got, want, named, err)
	}
}
