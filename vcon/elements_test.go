package vcon_test

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"qm-compliance/vcon"
)

// manyElements are documents of a few megabytes, each of which would take a thousand times as much memory, or hours,
// if everything in it were made into values.
func manyElements() map[string]string {
	const many = 3_000_000
	list := func(element string) string { return "[" + strings.Repeat(element+",", many) + element + "]" }
	names := make([]string, 0, many/4)
	for i := range many / 4 {
		names = append(names, fmt.Sprintf(`"m%d":0`, i))
	}
	object := "{" + strings.Join(names, ",") + "}"
	deep := strings.Repeat(`{"a":`, 40) + "0" + strings.Repeat("}", 40)
	return map[string]string{
		"attachments":            document(hello, `"attachments": `+list("{}")),
		"analysis":               document(hello, `"analysis": `+list("{}")),
		"dialog":                 document(hello + strings.Repeat(`,{"type":"incomplete"}`, many/2)),
		"parties":                withParties("{}" + strings.Repeat(",{}", many)),
		"a list inside":          document(hello, `"meta": {"a": {"b": `+list("0")+`}}`),
		"lists inside":           document(hello, `"analysis": [{"type": "transcript", "body": `+list("[]")+`}]`),
		"parties of a dialog":    document(`{"type": "text", "body": "x", "parties": ` + list("0") + `}`),
		"members":                document(hello, `"meta": `+object),
		"members of the vCon":    document(hello, object[1:len(object)-1]),
		"deep objects":           document(hello, `"meta": {"a": [`+deep+strings.Repeat(","+deep, many/40)+`]}`),
		"a body as text":         document(hello, `"attachments": [{"type": "x", "encoding": "json", "body": "`+list("{}")+`"}]`),
		"many bodies as text":    document(hello, `"attachments": [{}`+strings.Repeat(`,{"body": "[`+strings.Repeat("{},", 1000)+`{}]"}`, many/1000)+`]`),
		"nothing that is read":   document(hello, `"x": `+list("null")),
		"a payload that is text": `{"signatures": [], "payload": ` + list("0") + `}`,
	}
}

// The elements of a document are bounded before they are made, wherever they stand. It is not parallel, so that no
// other test's memory is counted.
func TestElementsAreBounded(t *testing.T) {
	const most = 100 << 20
	for name, text := range manyElements() {
		t.Run(name, func(t *testing.T) {
			data := []byte(text)
			peak := peakDuring(func() {
				_, err := vcon.Parse(data, vcon.Options{})
				if err == nil || !strings.Contains(err.Error(), ": the vCon has more than 200000 values here and before; ") {
					t.Errorf("the error is %v", err)
				}
			})
			if peak > int64(len(data))+most {
				t.Errorf("it took %d MB for a document of %d MB", peak>>20, len(data)>>20)
			}
		})
	}
}

// A document within the bound takes no more memory than one beyond it.
func TestMemoryOfTheLargestDocument(t *testing.T) {
	const most = 100 << 20
	list := func(element string, count int) string {
		return "[" + strings.Repeat(element+",", count-1) + element + "]"
	}
	for name, text := range map[string]string{
		"attachments":    document(hello, `"attachments": `+list("{}", 199_000)),
		"analyses":       document(hello, `"analysis": `+list(`{"body":0}`, 99_000)),
		"texts":          document(hello, `"analysis": [{"type": "transcript", "body": `+list(`{"text":"x"}`, 99_000)+`}]`),
		"metadata":       document(hello, `"attachments": [{"type": "x", "body": `+list(`{"a":0}`, 99_000)+`}]`),
		"missed calls":   document(hello + strings.Repeat(`,{"type":"incomplete"}`, 49_000)),
		"turns":          document(hello + strings.Repeat(`,{"type":"text","body":"x"}`, 49_000)),
		"lists of lists": document(hello, `"meta": {"a": `+list(`[[]]`, 99_000)+`}`),
	} {
		t.Run(name, func(t *testing.T) {
			data := []byte(text)
			peak := peakDuring(func() {
				if _, err := vcon.Parse(data, vcon.Options{}); err != nil {
					t.Error(err)
				}
			})
			if t.Logf("%d MB", peak>>20); peak > int64(len(data))+most {
				t.Errorf("it took %d MB for a document of %d MB", peak>>20, len(data)>>20)
			}
		})
	}
}

// peakDuring returns by how much the heap grew at most while something ran, as far as could be seen. Garbage is
// collected often, so that it counts little.
func peakDuring(run func()) (peak int64) {
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	heap := func() int64 {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int64(stats.HeapAlloc)
	}
	runtime.GC()
	before, ended := heap(), make(chan struct{})
	go func() {
		defer close(ended)
		run()
	}()
	for {
		select {
		case <-ended:
			return peak
		case <-time.After(time.Millisecond):
			peak = max(peak, heap()-before)
		}
	}
}

// The bound can be set, and counts members and elements.
func TestElementsAreCounted(t *testing.T) {
	t.Parallel()
	text := `{"a": [1, {"b": [[], {}]}], "c": null}` // a, 1, the object, b, the list, the other object, c
	if got := refusal(t, text, vcon.Options{MaxElements: 7}); !strings.HasPrefix(got, "uuid: is missing") {
		t.Error(got)
	}
	const want = "c: the vCon has more than 6 values here and before; split it into several vCons"
	if got := refusal(t, text, vcon.Options{MaxElements: 6}); got != want {
		t.Error(got)
	}
	inside := document(hello, `"attachments": [{"body": "[1, 2, 3]"}, {"body": "[1, 2, 3]"}]`)
	if got := refusal(t, inside, vcon.Options{MaxElements: 33}); !strings.HasPrefix(got, "attachments[1].body: the vCon has more than 33 ") {
		t.Error(got)
	}
}
