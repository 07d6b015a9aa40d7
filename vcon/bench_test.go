package vcon_test

import (
	"fmt"
	"strings"
	"testing"

	"qm-compliance/vcon"
)

// typicalCall is a call with a recording elsewhere, a transcript of sixty turns, a summary, and what a
// telephone system attaches.
func typicalCall() []byte {
	var turns []string
	for i := range 60 {
		turns = append(turns, fmt.Sprintf(`{"speaker": "%s", "message": "Turn %d, in which somebody says \"about\" as much as people say at once on the telephone."}`, []string{"Agent", "Customer"}[i%2], i))
	}
	return []byte(document(record, `"analysis": [
		{"type": "transcript", "dialog": 0, "vendor": "x", "encoding": "none", "body": [`+strings.Join(turns, ", ")+`]},
		{"type": "summary", "dialog": 0, "vendor": "x", "encoding": "none", "body": "A customer asks about a bill, and gets an answer."}]`,
		`"attachments": [{"type": "call_ended", "encoding": "none", "body": {"customerNumber": "+420777123456", "extension": "2212", "queue": "billing", "duration": 60, "manual": false}}]`))
}

func BenchmarkParse(b *testing.B) {
	call := typicalCall()
	b.SetBytes(int64(len(call)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := vcon.Parse(call, vcon.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
