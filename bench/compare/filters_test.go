//go:build compare

package compare

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// narrowed is a filter, as a part of its input.
type narrowed struct{ name, input string }

// filters are all that a list knows, with values that are frequent, rare and absent.
func filters(conversations int) []narrowed {
	middle := started(conversations / 2).Format(time.RFC3339)
	digits := fmt.Sprint(10_000_000 + conversations/2)
	return []narrowed{
		{"none", ``},
		{"started from", `startedFrom: "` + middle + `"`},
		{"started to", `startedTo: "` + middle + `"`},
		{"types, all", `types: [CALL]`},
		{"types, a tenth", `types: [EMAIL]`},
		{"types, absent", `types: [SCREEN_RECORDING]`},
		{"phone, one", `participantPhoneNumber: "` + digits + `"`},
		{"phone, many", `participantPhoneNumber: "4207"`},
		{"address, one", `participantDigitalAddress: "person` + fmt.Sprint(conversations/2) + `.0@"`},
		{"address, many", `participantDigitalAddress: "example.com"`},
		{"metadata, a fifth", `metadata: [{ key: "key.2", value: "value 3" }]`},
		{"metadata, a hundredth", `metadata: [{ key: "key.3", value: "value 7" }]`},
		{"metadata, a thousandth", `metadata: [{ key: "key.1", value: "value 10" }]`},
		{"metadata, absent", `metadata: [{ key: "key.1", value: "nothing" }]`},
		{"metadata, three", `metadata: [{ key: "key.2", value: "value 3" }, { key: "key.3", value: "value 13" },
			{ key: "key.1", value: "value 13" }]`},
		{"reviewable", `isReviewable: true`},
		{"not reviewable", `isReviewable: false`},
		{"media available", `mediaStatuses: [AVAILABLE]`},
		{"media deleted", `mediaStatuses: [DELETED]`},
		{"anonymized", `isAnonymized: true`},
		{"never anonymized", `isAnonymized: false`},
	}
}

// pairs are two different fields of the filter at once.
func pairs(single []narrowed) (both []narrowed) {
	for i, one := range single {
		for _, other := range single[i+1:] {
			field, _, _ := strings.Cut(one.input, ":")
			if one.input != "" && !strings.HasPrefix(other.input, field+":") {
				both = append(both, narrowed{one.name + " + " + other.name, one.input + ", " + other.input})
			}
		}
	}
	return both
}

// sized is the program on a database of a size.
type sized struct {
	*program
	filters []narrowed
}

// list is a list that is asked for: which filter, by whom, in which order, and which page.
type list struct {
	filter              int
	person, order, page string
}

// lists are every filter in every order, the first page and the last, for those who see all, a group's or their own;
// of two filters at once, unless all is said, the first page of the newest and of the longest.
func lists(single, all int, every bool) (asked []list) {
	orders := []string{
		"{ field: STARTED_AT, direction: DESC }", "{ field: DURATION, direction: DESC }",
		"{ field: STARTED_AT, direction: ASC }", "{ field: DURATION, direction: ASC }",
	}
	persons, pages := []string{"manager", "supervisor", "agent"}, []string{"first", "last"}
	for filter := range all {
		if filter == single && !every {
			orders, persons, pages = orders[:2], persons[:2], pages[:1]
		}
		for _, person := range persons {
			for _, order := range orders {
				for _, page := range pages {
					asked = append(asked, list{filter, person, order, page})
				}
			}
		}
	}
	return asked
}

// With thirty times the conversations a list takes hardly longer. QM_COMPARE_PAIRS=1 asks for every two filters in
// every way, which takes long.
func TestFilters(t *testing.T) {
	few, many := number(t, "QM_COMPARE_FEW", 10_000), number(t, "QM_COMPARE_MANY", 300_000)
	var sides [2]sized
	singles := len(filters(few))
	for i, size := range []int{few, many} {
		single := filters(size)
		sides[i] = sized{startProgram(t, loaded(t, size)), append(single, pairs(single)...)}
	}
	type result struct {
		what        string
		ratio, many float64
	}
	var results []result
	for _, asked := range lists(singles, len(sides[0].filters), number(t, "QM_COMPARE_PAIRS", 0) != 0) {
		took := pageTimes(t, sides, asked, 3)
		if worse(took) {
			took = pageTimes(t, sides, asked, 11) // chance is ruled out
		}
		what := fmt.Sprintf("%s, %s, %s page, %s", sides[0].filters[asked.filter].name, asked.order, asked.page, asked.person)
		results = append(results, result{what, took[1] / took[0], took[1]})
	}
	slices.SortFunc(results, func(a, b result) int { return int(1000 * (b.ratio - a.ratio)) })
	fmt.Printf("\n%d lists, %d conversations against %d\n", len(results), many, few)
	bound(t, "the middle list", "times", results[len(results)/2].ratio, 1.5, 3)
	bound(t, "the list that grows most", "times", results[0].ratio, 1.5, 3)
	slowest := slices.MaxFunc(results, func(a, b result) int { return int(1000 * (a.many - b.many)) })
	bound(t, "the slowest list", "ms", slowest.many, 15, 15)
	fmt.Printf("    %s\n", slowest.what)
	missed := 0
	for i, r := range results {
		if r.ratio > 3 || r.many > 15 {
			missed++
		}
		if i < 10 || (r.ratio > 3 || r.many > 15) && i < 40 {
			fmt.Printf("    %5.2f times, %7.2f ms  %s\n", r.ratio, r.many, r.what)
		}
	}
	fmt.Printf("    %d of %d lists miss a floor\n", missed, len(results))
}

// worse reports whether a floor is missed.
func worse(took [2]float64) bool { return took[1] > 15 || took[1] > 3*took[0] }

// pageTimes asks both sizes for a page in turns, and returns the middle time of each in milliseconds.
func pageTimes(tb testing.TB, sides [2]sized, asked list, times int) (middles [2]float64) {
	tb.Helper()
	var took [2][]float64
	var clients [2]*client
	for i, s := range sides {
		token := s.manager()
		switch asked.person {
		case "supervisor":
			token = s.token("supervisor", "DEFAULT_SUPERVISOR", "team7")
		case "agent":
			token = s.token("agent7", "DEFAULT_AGENT")
		}
		q := ask(tb, s.process, "/graphql", token, query(fmt.Sprintf(
			`{ conversations(%s: 50, orderBy: %s, filter: { %s }) { nodes { id } pageInfo { hasNextPage } } }`,
			asked.page, asked.order, s.filters[asked.filter].input)))
		var answer struct{ Conversations struct{ Nodes []any } }
		q.read(tb, &answer)
		var err error
		if clients[i], err = q.dial(); err != nil {
			tb.Fatal(err)
		}
		defer func() { _ = clients[i].conn.Close() }()
	}
	for range times {
		for i, c := range clients {
			begun := time.Now()
			if _, err := c.ask(); err != nil {
				tb.Fatal(err)
			}
			took[i] = append(took[i], time.Since(begun).Seconds()*1000)
		}
	}
	return [2]float64{middle(took[0]), middle(took[1])}
}
