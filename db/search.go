package db

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
)

// search is a list whose conditions meet in conversation_facets (decision 26). There are two ways to its first rows:
// to walk down the order, which is short where many rows match, and to gather all that match, which is short where
// few do. Both end with the conditions themselves on what they find.
type search struct {
	access Access
	filter condition
	facets facetFilter
	order  Order
	page   Page
	// driver is the search within values that is expected to find fewer conversations than the facets do; nil for none.
	driver *valueSearch
}

// statements are those that list a page, of which each is asked only if those before it did not fill the page.
func (s *Store) statements(ctx context.Context, access Access, f condition, o Order, p Page) ([]*statement, error) {
	facets := s.facets.facets(access, f)
	if facets.none() || facets.ordered && o.Field == OrderStartedAt {
		return []*statement{listing(access, f, o, p)}, nil
	}
	list := search{access: access, filter: f, facets: facets, order: o, page: p}
	expected, of, err := s.expect(ctx, &list)
	if err != nil {
		return nil, err
	}
	if bound := boundOfWalk(expected, of); bound == 0 {
		return []*statement{list.gathered()}, nil
	} else if of <= float64(bound) {
		return []*statement{list.walked(0)}, nil
	} else {
		return []*statement{list.walked(bound), list.gathered()}, nil
	}
}

// boundOfWalk is the number of rows that a walk may take, 0 where it is not worth to begin. A row that is gathered is
// read from anywhere in the table, and costs about seven times one of a walk, which is the next in an index. So a page
// of 50 costs the same either way where 3√n of n rows match: the walk takes 17√n rows until the page is full.
func boundOfWalk(expected, of float64) int {
	root := math.Sqrt(max(of, 1))
	if expected < 3*root && of > smallWalk {
		return 0
	}
	return int(max(20*root, smallWalk))
}

// smallWalk is a number of rows that are always walked.
const smallWalk = 1000

// mostProbed is the number of rows for which a walk looks at participants at most: each costs as much as 20 rows of the
// walk.
func mostProbed(walk int) int { return max(walk/5, smallWalk) }

// expect returns how many of the rows that a walk could take are expected to match, by the planner's statistics, and
// decides what the gathered rows begin with.
func (s *Store) expect(ctx context.Context, list *search) (expected, of float64, err error) {
	walk, match := &statement{}, &statement{}
	walk.write("FROM conversation_facets AS f")
	match.write("FROM conversation_facets AS f")
	if list.order.Field == OrderStartedAt {
		list.filter.writePeriod(walk, "f.started_at")
	}
	list.filter.writePeriod(match, "f.started_at")
	list.facets.write(match)
	asked := []*statement{walk, match}
	searches := list.filter.searches()
	for _, search := range searches {
		one := &statement{}
		one.write("FROM participants AS p WHERE "+search.holds, search.pattern, search.pattern)
		asked = append(asked, one)
	}
	rows, err := s.reader.plannedRows(ctx, asked)
	if err != nil {
		return 0, 0, err
	}
	of, expected = rows[0], rows[1]
	fewest := rows[1]
	for i, found := range rows[2:] {
		if found < fewest {
			fewest, list.driver = found, &searches[i]
		}
		expected *= min(1, found/of)
	}
	return expected, of, nil
}

// plannedRows asks the planner how many rows statements select, in one round trip.
func (r *reader) plannedRows(ctx context.Context, asked []*statement) ([]float64, error) {
	counts := make([]float64, len(asked))
	var questions []question
	for i, one := range asked {
		one.varies = true
		questions = append(questions, one.question("EXPLAIN (FORMAT JSON) SELECT ", func(answer *rows) error {
			var text strings.Builder
			for row := answer.next(); row != nil; row = answer.next() {
				text.WriteString(row.text())
			}
			if err := answer.close(); err != nil {
				return err
			}
			var plans []struct {
				Plan struct {
					Rows float64 `json:"Plan Rows"`
				}
			}
			if err := json.Unmarshal([]byte(text.String()), &plans); err != nil || len(plans) == 0 {
				return errors.Join(err, errors.New("the plan of a list cannot be read"))
			}
			counts[i] = plans[0].Plan.Rows
			return nil
		}))
	}
	return counts, r.several(ctx, questions)
}

// sorting is the order of conversation_facets.
func (s search) sorting() sorting {
	by := s.order.sorting()
	by.id = "f.conversation_id"
	by.column = "f.started_at"
	if s.order.Field == OrderDuration {
		by.column = "f.duration_ms"
	}
	return by
}

// walked lists the page out of so many rows from its beginning, or all where most is 0.
func (s search) walked(most int) *statement {
	found := s.candidates(most)
	s.check(found)
	found.write(fmt.Sprintf("%s\nLIMIT %d", s.page.direction("found.sort", "found.id", s.order.Descending), s.page.size()+1))
	return found
}

// candidates selects what has the facets out of the first rows of the order.
func (s search) candidates(most int) *statement {
	by := s.sorting()
	row := &statement{}
	row.write("SELECT f.conversation_id, f.started_at, " + string(by.column) + " AS sort, f.facets FROM conversation_facets AS f")
	s.page.narrow(row, by)
	if s.order.Field == OrderStartedAt {
		s.filter.writePeriod(row, "f.started_at")
	}
	row.write(s.page.direction(string(by.column), string(by.id), s.order.Descending))
	if most > 0 {
		row.write(fmt.Sprintf("\nLIMIT %d", most))
	}
	found := row.within("SELECT f.conversation_id AS id, f.sort FROM (", ") AS f")
	s.facets.write(found)
	if s.order.Field != OrderStartedAt {
		s.filter.writePeriod(found, "f.started_at")
	}
	if most > 0 && len(s.filter.searches()) > 0 {
		order := s.page.direction("f.sort", "f.conversation_id", s.order.Descending) // which the planner would not see
		found.write(fmt.Sprintf("%s\nLIMIT %d", order, mostProbed(most)))
	}
	return found.within("FROM (", looked)
}

// looked looks up the conversations that were found, one after the other and in their order: the planner would
// otherwise join all of them, since it expects the conditions to let few through that nearly all fulfil.
const looked = `) AS found
  CROSS JOIN LATERAL (SELECT * FROM conversations AS c WHERE c.id = found.id LIMIT 1) AS conversation`

// gathered lists the page out of everything that has the facets.
func (s search) gathered() *statement {
	by := s.sorting()
	all := s.everything(by)
	s.page.narrow(all, by)
	order := s.page.direction("f.sort", "f.id", s.order.Descending)
	// OFFSET 0 keeps the planner from looking for the rows in the order, which would be a walk.
	found := all.within("FROM (SELECT * FROM (", "\nOFFSET 0) AS f"+order+"\nOFFSET 0"+looked)
	s.check(found)
	found.write(fmt.Sprintf("%s\nLIMIT %d", s.page.direction("found.sort", "found.id", s.order.Descending), s.page.size()+1))
	return found
}

// everything selects everything that has the facets, out of what the driver finds where there is one.
func (s search) everything(by sorting) *statement {
	all := &statement{}
	all.write("SELECT f.conversation_id AS id, " + string(by.column) + " AS sort FROM ")
	if s.driver != nil {
		// The values are looked up by their index, and the facets of each: joined as the planner likes, the facets would
		// be read of all that have them.
		all.write("(SELECT DISTINCT p.conversation_id FROM participants AS p WHERE "+s.driver.holds+") AS v"+
			" CROSS JOIN LATERAL (SELECT * FROM conversation_facets AS f"+
			" WHERE f.conversation_id = v.conversation_id LIMIT 1) AS f", s.driver.pattern, s.driver.pattern)
	} else {
		all.write("conversation_facets AS f")
	}
	s.facets.write(all)
	s.filter.writePeriod(all, "f.started_at")
	return all
}

// check narrows a statement over conversations that have the facets to those that have the values. Each condition on
// another table is a subquery for one conversation after the other, never a join: the planner does not know that
// nearly all of them hold, and would read far too much to find the few that it expects.
func (s search) check(to *statement) {
	s.access.write(to)
	s.filter.writePeriod(to, "conversation.started_at")
	s.filter.writeColumns(to)
	for _, search := range s.filter.searches() {
		to.and("(SELECT true FROM participants AS p WHERE p.conversation_id = conversation.id AND "+search.holds+
			" LIMIT 1)", search.pattern, search.pattern)
	}
	s.filter.writeMetadata(to)
}

// counts are statements that count up to a number, of which each is asked only if those before it counted less.
func (s *Store) counts(ctx context.Context, access Access, f condition, upTo int) ([]*statement, error) {
	facets := s.facets.facets(access, f)
	if facets.none() || facets.ordered {
		all := matching(access, f)
		all.write(fmt.Sprintf("\nLIMIT %d", upTo))
		return []*statement{all}, nil
	}
	all := search{access: access, filter: f, facets: facets}
	expected, of, err := s.expect(ctx, &all)
	if err != nil {
		return nil, err
	}
	most := mostCounted * upTo
	gathered := all.everything(all.sorting()).within("FROM (", "\nOFFSET 0"+looked)
	walked := all.candidates(most)
	lists := []*statement{gathered}
	if of <= float64(most) || expected*mostCounted >= of {
		lists = []*statement{walked, gathered}
	}
	for _, list := range lists {
		all.check(list)
		list.write(fmt.Sprintf("\nLIMIT %d", upTo))
	}
	return lists, nil
}

// mostCounted is how many rows a walk may take for one that is counted, where as many are expected.
const mostCounted = 4
