package graph_test

import "testing"

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
