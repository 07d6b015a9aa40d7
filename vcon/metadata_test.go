package vcon_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Where a value stood tells its key; what became something else is not repeated.
func TestMetadata(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, member string
		want         map[string]string
	}{
		{"scalars", `"attachments": [{"type": "bria_call_ended", "body": {"customerNumber": "+420777123456", ` +
			`"dealerId": 1100, "rate": 1.50, "manual": false, "none": null, "empty": "", "direction": "out"}}]`,
			map[string]string{"bria_call_ended.customerNumber": "+420777123456", "bria_call_ended.dealerId": "1100",
				"bria_call_ended.rate": "1.50", "bria_call_ended.manual": "false", "bria_call_ended.direction": "out"}},
		{"objects and lists", `"attachments": [{"purpose": "crm", "body": {"a": {"b": {"c": 1}}, "list": [1, ` +
			`"<x>", {"y": null}], "nothing": []}}]`,
			map[string]string{"crm.a.b.c": "1", "crm.list": `[1,"<x>",{"y":null}]`}},
		{"JSON in a string", `"attachments": [{"type": "crm", "encoding": "json", "body": "{\"id\": 7}"}, ` +
			`{"type": "score", "encoding": "json", "body": "5"}]`, map[string]string{"crm.id": "7", "score": "5"}},
		{"files and texts", `"attachments": [{"type": "note", "body": "a text"}, {"type": "pdf", ` +
			`"mediatype": "application/pdf", "encoding": "base64url", "body": "JVBERg"}, {"type": "link", ` +
			`"url": "https://x.example"}]`, map[string]string{}},
		{"tags", `"attachments": [{"type": "tags", "encoding": "json", "body": "[\"branch:north\", \"vip\", ` +
			`\"a:b:c\"]"}]`, map[string]string{"tags.branch": "north", "tags.vip": "true", "tags.a": "b:c"}},
		{"no type", `"attachments": [{"body": {"a": 1}}], "analysis": [{"body": {"a": 2}}]`,
			map[string]string{"attachment.a": "1", "analysis.a": "2"}},
		{"the same key", `"attachments": [{"type": "x", "body": {"a": 1, "b": 1}}, {"type": "x", ` +
			`"body": {"a": "1", "b": 2}}]`, map[string]string{"x.a": "1", "x.b": `["1","2"]`}},
		{"an analysis", `"analysis": [{"type": "sentiment", "dialog": 0, "vendor_schema": {"m": 1}, ` +
			`"body": {"overall": "good", "prompt": "judge", "vendor_schema": {"m": 1}}}, {"type": "mood", ` +
			`"body": "fine"}]`,
			map[string]string{"sentiment.overall": "good", "mood": "fine"}},
		{"a prompt of an attachment", `"attachments": [{"type": "generation_info", "body": {"agent_name": "Bob", ` +
			`"prompt": "p"}}]`, map[string]string{"generation_info.agent_name": "Bob", "generation_info.prompt": "p"}},
		{"the vCon's own", `"meta": {"tenant": "t", "direction": "in"}`, map[string]string{"meta.tenant": "t"}},
		{"a direction that is none", `"meta": {"direction": "sideways"}`,
			map[string]string{"meta.direction": "sideways"}},
		{"personal keys", `"meta": {"ada@example.org": 1, "+420777123456": {"x": 2}, "call 7771234": 3, ` +
			`"line 12": 4, "": 5}`, map[string]string{"meta._": `["5","1","3"]`, "meta._.x": "2",
			"meta.line 12": "4"}},
		{"personal types", `"attachments": [{"type": "eve@example.net", "body": {"a": 1}}, {"type": "tags", ` +
			`"body": ["+420777123456:x"]}], "analysis": [{"type": "777.123.456", "body": 1}]`,
			map[string]string{"_.a": "1", "tags._": "x", "_": "1"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			c := parse(t, document(hello, row.member))
			if diff := cmp.Diff(row.want, metadataOf(c)); diff != "" {
				t.Error(diff)
			}
			for i := 1; i < len(c.Metadata); i++ {
				if c.Metadata[i-1].Key >= c.Metadata[i].Key {
					t.Errorf("the keys are not in order: %s, %s", c.Metadata[i-1].Key, c.Metadata[i].Key)
				}
			}
		})
	}
}

func TestMetadataOfDialogsAndParties(t *testing.T) {
	t.Parallel()
	c := parse(t, members(header, `"parties": [
		{"role": "customer", "handle": "@ada", "meta": {"role": "customer", "ip": "10.0.0.1", "user_id": "c1", "level": "gold", "@ada": 1}},
		{"role": "agent", "meta": {"role": "agent", "cxm_user_id": "891", "team": "north", "extension": "2212"}},
		{"role": "sme", "meta": {"role": "sme", "extension": "1"}}]`,
		`"dialog": [{"type": "text", "body": "x", "meta": {"direction": "in", "room": "lobby", `+
			`"disposition": "ANSWERED", "engaged": true}}, {"type": "text", "body": "y", `+
			`"meta": {"direction": "out", "disposition": "LATE"}}]`))
	want := map[string]string{
		"party.customer.user_id": "c1", "party.customer.level": "gold", "party.customer._": "1",
		"party.agent.extension": "2212", "party.other.role": "sme",
		"party.other.extension": "1", "dialog.disposition": `["ANSWERED","LATE"]`, "dialog.engaged": "true",
	}
	if diff := cmp.Diff(want, metadataOf(c)); diff != "" {
		t.Error(diff)
	}
}
