package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// document is a random operation that can be taken apart.
type document struct {
	kind      string // query, mutation or subscription
	set       []*selected
	variables map[string]*parameter
	// keys are the names in the answer, with the field and the arguments that each stands for.
	keys map[string]string
	// names counts aliases, fragments and variables.
	names int
}

// selected is a field, or a fragment with a name or without.
type selected struct {
	// key is the name in the answer; it is empty for a fragment.
	key, field string
	arguments  []string
	// on is what a fragment without a name is on, which may be nothing.
	on         string
	fragment   *fragment
	directives []string
	set        []*selected
}

type fragment struct {
	name, on string
	set      []*selected
}

// parameter is a variable: it is declared with a type and perhaps a default. It has a value for each of the
// runs, or none.
type parameter struct {
	declared string
	values   [2]any
}

func (p *parameter) isNonNull() bool {
	declared, _, _ := strings.Cut(p.declared, " = ")
	return strings.HasSuffix(declared, "!")
}

// leftOut is the value of a variable that is not sent.
type leftOut struct{}

// enum is a value that is written without quotes in a document.
type enum string

// text is the operation with those of its fragments and variables that it uses.
func (d *document) text() string {
	var body strings.Builder
	fragments := map[string]*fragment{}
	write(&body, d.set, fragments)
	written := map[string]bool{}
	for len(written) < len(fragments) {
		for _, name := range slices.Sorted(maps.Keys(fragments)) {
			if !written[name] {
				written[name] = true
				fmt.Fprintf(&body, "\nfragment %s on %s", name, fragments[name].on)
				write(&body, fragments[name].set, fragments)
			}
		}
	}
	var declared []string
	for _, name := range d.used(body.String()) {
		declared = append(declared, "$"+name+": "+d.variables[name].declared)
	}
	if len(declared) == 0 {
		return d.kind + body.String()
	}
	return d.kind + "(" + strings.Join(declared, ", ") + ")" + body.String()
}

func (d *document) used(body string) []string {
	var used []string
	for _, name := range slices.Sorted(maps.Keys(d.variables)) {
		// Names end with a letter, so that none begins another one.
		if strings.Contains(body, "$"+name) {
			used = append(used, name)
		}
	}
	return used
}

// given are the variables of a run.
func (d *document) given(run int) map[string]any {
	given := map[string]any{}
	for _, name := range d.used(d.text()) {
		if value := d.variables[name].values[run]; value != (leftOut{}) {
			given[name] = value
		}
	}
	return given
}

func write(to *strings.Builder, set []*selected, fragments map[string]*fragment) {
	to.WriteString(" {")
	for _, s := range set {
		s.write(to, fragments)
	}
	to.WriteString(" }")
}

func (s *selected) write(to *strings.Builder, fragments map[string]*fragment) {
	switch {
	case s.fragment != nil:
		fragments[s.fragment.name] = s.fragment
		to.WriteString(" ..." + s.fragment.name)
	case s.key == "" && s.on == "":
		to.WriteString(" ...")
	case s.key == "":
		to.WriteString(" ... on " + s.on)
	case s.key == s.field:
		to.WriteString(" " + s.field)
	default:
		to.WriteString(" " + s.key + ": " + s.field)
	}
	if len(s.arguments) > 0 {
		to.WriteString("(" + strings.Join(s.arguments, ", ") + ")")
	}
	for _, directive := range s.directives {
		to.WriteString(" " + directive)
	}
	if s.set != nil {
		write(to, s.set, fragments)
	}
}

// author writes random documents about what there is.
type author struct {
	*rand.Rand
	*document
	schema *ast.Schema
	known  *known
	// fragments are those that are finished, so that none contains itself.
	fragments []*fragment
	// wrong is how many of a hundred values are ones that are refused.
	wrong int
	// varying is how many of a hundred values and conditions are variables.
	varying int
	// fields is about how many more fields the document may have.
	fields int
	// segment is the one that is asked for, "" where it is any.
	segment string
	// found is the type of what node finds.
	found string
	// steps are how many fields lead from a type to the one that the document is to reach; nil once it is there.
	steps map[string]int
	// without are fields, such as Query.exportConversation, that are not selected.
	without []string
}

func newAuthor(seed, number uint64, schema *ast.Schema, known *known) *author {
	a := &author{Rand: rand.New(rand.NewPCG(seed, number)), schema: schema, known: known,
		// An export is audited, so that the next one answers something else.
		without:  []string{"Query.exportConversation"},
		document: &document{kind: "query", variables: map[string]*parameter{}, keys: map[string]string{}}}
	a.fields, a.varying = one(a, 3+a.IntN(10), 5+a.IntN(60)), one(a, 5, 20, 60)
	if a.chance(30) {
		a.wrong = 8
	}
	return a
}

func (a *author) chance(percent int) bool { return a.IntN(100) < percent }

func one[T any](a *author, of ...T) T { return of[a.IntN(len(of))] }

func (a *author) name(prefix string) string { a.names++; return fmt.Sprintf("%s%dx", prefix, a.names) }

// reach has the document reach a type, wherever else it goes.
func (a *author) reach(target string) {
	a.steps = map[string]int{target: 0}
	for again := true; again; {
		again = false
		for name, definition := range a.schema.Types {
			below := slices.Clone(a.schema.PossibleTypes[name])
			for _, field := range definition.Fields {
				if !strings.HasPrefix(field.Name, "__") && !slices.Contains(a.without, name+"."+field.Name) {
					below = append(below, a.schema.Types[field.Type.Name()])
				}
			}
			for _, next := range below {
				steps, leads := a.steps[next.Name]
				if known, is := a.steps[name]; leads && next.IsCompositeType() && (!is || steps+1 < known) {
					a.steps[name], again = steps+1, true
				}
			}
		}
	}
}

// toward selects what leads from a type to the one that is to be reached.
func (a *author) toward(ofType string, depth int) *selected {
	a.fields = max(a.fields, 5)
	closer := func(name string) bool { steps, leads := a.steps[name]; return leads && steps < a.steps[ofType] }
	if a.schema.Types[ofType].IsAbstractType() {
		for _, possible := range a.schema.PossibleTypes[ofType] {
			if _, leads := a.steps[possible.Name]; leads && possible.Name == a.found {
				return &selected{on: a.found, set: a.set(a.found, depth+1)}
			}
		}
	}
	var ways []func() *selected
	for _, field := range a.schema.Types[ofType].Fields {
		if closer(field.Type.Name()) {
			ways = append(ways, func() *selected { return a.element(ofType, field.Name, depth) })
		}
	}
	for _, possible := range a.schema.PossibleTypes[ofType] {
		if closer(possible.Name) {
			ways = append(ways, func() *selected { return &selected{on: possible.Name, set: a.set(possible.Name, depth+1)} })
		}
	}
	return one(a, ways...)()
}

// query is a random query.
func (a *author) query() *document {
	if a.steps != nil {
		a.document.set = append(a.document.set, a.toward("Query", 0))
	}
	for range 1 + a.IntN(3) {
		root := one(a, "conversations", "conversations", "conversation", "node", "node", a.anyField("Query"))
		a.document.set = append(a.document.set, a.element("Query", root, 0))
	}
	switch a.IntN(8) {
	case 0:
		a.document.set = append(a.document.set, a.inline("Query", 0))
	case 1:
		a.document.set = append(a.document.set, a.spread("Query", 0))
	case 2, 3:
		a.document.set = append(a.document.set, a.again("Query", a.document.set, 0)...)
	}
	return a.document
}

// payload is a random selection below the one field of a mutation or a subscription.
func (a *author) payload(kind, root, arguments, ofType string) *document {
	a.kind = kind
	a.document.set = []*selected{{key: root, field: root, arguments: []string{arguments}, set: a.set(ofType, 1)}}
	return a.document
}

func (a *author) anyField(ofType string) string {
	for {
		field := one(a, a.schema.Types[ofType].Fields...)
		if !strings.HasPrefix(field.Name, "__") && !slices.Contains(a.without, ofType+"."+field.Name) {
			return field.Name
		}
	}
}

// deepest is where documents end, below the limit of the server.
const deepest = 12

// set selects something of a type.
func (a *author) set(ofType string, depth int) []*selected {
	set := []*selected{}
	definition := a.schema.Types[ofType]
	if steps, leads := a.steps[ofType]; leads && steps > 0 {
		set = append(set, a.toward(ofType, depth))
	} else if leads {
		a.steps = nil
	}
	for range 1 + a.IntN(6) {
		grows := a.fields > 0 && depth < deepest
		switch {
		case a.chance(6) || len(definition.Fields) == 0 && !grows:
			set = append(set, a.typename())
		case a.chance(10) && grows:
			set = append(set, a.again(ofType, set, depth)...)
		case a.chance(20) && grows:
			set = append(set, a.spread(ofType, depth))
		case grows && (definition.IsAbstractType() && a.chance(60) || len(definition.Fields) == 0):
			set = append(set, a.inline(ofType, depth))
		default:
			if field := a.element(ofType, a.fieldOf(definition, depth), depth); field != nil {
				set = append(set, field)
			}
		}
	}
	if definition.IsAbstractType() && a.chance(70) || len(set) == 0 {
		set = append(set, a.typename()) // which says of which type the answer is
	}
	return set
}

func (a *author) typename() *selected {
	key := one(a, "__typename", "__typename", "type")
	a.keys[key] = "__typename"
	return &selected{key: key, field: "__typename", directives: a.directives(5)}
}

// fieldOf leads on about as often as not, as long as the document may grow.
func (a *author) fieldOf(definition *ast.Definition, depth int) string {
	leads := a.fields > 0 && depth <= 8 && a.chance(45)
	name := a.anyField(definition.Name)
	for range 8 {
		below := a.schema.Types[definition.Fields.ForName(name).Type.Name()]
		if below.IsCompositeType() == leads {
			break
		}
		name = a.anyField(definition.Name)
	}
	return name
}

// element selects a field, or nothing where the document has grown large enough.
func (a *author) element(ofType, name string, depth int) *selected {
	field := a.schema.Types[ofType].Fields.ForName(name)
	below := a.schema.Types[field.Type.Name()]
	if below.IsCompositeType() && depth > 0 && (depth >= deepest || a.fields < 0) {
		return nil
	}
	a.fields--
	if depth == 0 {
		a.segment, a.found = "", ""
	}
	s := &selected{field: name, arguments: a.arguments(ofType, field), directives: a.directives(8)}
	s.key = a.key(name, fmt.Sprintf("%s(%s) %s", name, strings.Join(s.arguments, ", "), field.Type))
	if below.IsCompositeType() {
		s.set = a.set(below.Name, depth+1)
	}
	return s
}

// again selects a field of a set once more, so that what is below the two is merged.
func (a *author) again(ofType string, set []*selected, depth int) []*selected {
	first := *one(a, append(set, a.typename())...)
	if first.key == "" || first.set == nil {
		return nil
	}
	below := a.schema.Types[ofType].Fields.ForName(first.field).Type.Name()
	first.directives, first.set = a.directives(50), a.set(below, depth+1)
	return []*selected{&first}
}

// key is the name of a field in the answer. In one document it stands for the same field with the same
// arguments, so that fields that come together can be merged. Once in a while it does not, which is allowed
// where they are of different types.
func (a *author) key(field, stands string) string {
	if a.chance(3) {
		return field
	}
	candidates := []string{field, field}
	for _, key := range slices.Sorted(maps.Keys(a.keys)) {
		if a.keys[key] == stands {
			candidates = append(candidates, key)
		}
	}
	candidates = append(candidates, one(a, "id", "text", "nodes", "_", "a", "K9", field+"_"))
	if a.chance(25) {
		candidates = candidates[2:]
	}
	for _, key := range []string{one(a, candidates...), field, a.name("n")} {
		if taken, is := a.keys[key]; !is || taken == stands {
			a.keys[key] = stands
			return key
		}
	}
	panic("a new name is free")
}

// inline selects something of a type, or of one that it has in common with others.
func (a *author) inline(ofType string, depth int) *selected {
	on := a.related(ofType)
	if on == ofType && a.chance(40) {
		on = ""
	}
	a.fields--
	inner := on
	if inner == "" {
		inner = ofType
	}
	return &selected{on: on, directives: a.directives(15), set: a.set(inner, depth+1)}
}

func (a *author) spread(ofType string, depth int) *selected {
	on := a.related(ofType)
	for _, made := range a.fragments {
		if made.on == on && a.chance(35) {
			return &selected{fragment: made, directives: a.directives(20)}
		}
	}
	if a.chance(40) {
		return a.inline(ofType, depth)
	}
	made := &fragment{name: a.name("f"), on: on}
	made.set = a.set(on, depth+1)
	a.fragments = append(a.fragments, made)
	return &selected{fragment: made, directives: a.directives(20)}
}

// related is a type that things of a type can have, too.
func (a *author) related(ofType string) string {
	definition := a.schema.Types[ofType]
	candidates := []string{ofType}
	for _, possible := range a.schema.PossibleTypes[ofType] {
		if possible.Name != ofType && possible.Name == a.found && a.chance(40) {
			return a.found
		}
		if possible.Name != ofType {
			candidates = append(candidates, possible.Name, possible.Name)
		}
		candidates = append(candidates, possible.Interfaces...)
	}
	return one(a, append(candidates, definition.Interfaces...)...)
}

func (a *author) directives(percent int) []string {
	var directives []string
	for _, name := range []string{"@skip", "@include"} {
		if !a.chance(percent) {
			continue
		}
		is := a.chance(25) == (name == "@skip") // most are shown
		condition := fmt.Sprint(is)
		if a.chance(max(a.varying, 20)) {
			condition = a.variable("Boolean!", "", func() any { return a.chance(60) == is })
		}
		directives = append(directives, name+"(if: "+condition+")")
	}
	return directives
}

// arguments gives a field some of its arguments.
func (a *author) arguments(ofType string, field *ast.FieldDefinition) []string {
	var given []string
	draw := a.values(ofType, field)
	for _, argument := range field.Arguments {
		optional := !argument.Type.NonNull || argument.DefaultValue != nil
		if optional && a.chance(45) && argument.Name != "orderBy" {
			continue
		}
		if argument.Name == "last" && len(given) > 0 && strings.HasPrefix(given[0], "first") && !a.chance(a.wrong) {
			continue
		}
		value := func() any { return draw(argument) }
		text := ""
		switch {
		case !argument.Type.NonNull && a.chance(10):
			text = "null"
		case a.chance(a.varying):
			byDefault := ""
			if argument.DefaultValue != nil {
				byDefault = argument.DefaultValue.String()
			}
			text = a.variable(argument.Type.String(), byDefault, value)
		default:
			text = a.literal(value(), argument.Type)
		}
		given = append(given, argument.Name+": "+text)
	}
	if a.chance(20) {
		a.Shuffle(len(given), func(i, j int) { given[i], given[j] = given[j], given[i] })
	}
	return given
}

// variable declares one of a type in one of the ways that are allowed where the type is asked for, with two
// values. The place may have a default of its own.
func (a *author) variable(ofType, byDefault string, value func() any) string {
	v := &parameter{declared: ofType}
	nullable, isNonNull := strings.CutSuffix(ofType, "!")
	mayMiss := !isNonNull
	switch {
	case a.chance(35):
		v.declared, mayMiss = nullable+" = "+literalOf(value()), true
	case isNonNull && a.chance(10):
		v.declared, mayMiss = ofType+" = "+literalOf(value()), true
	case byDefault != "" && a.chance(30):
		v.declared, mayMiss = nullable, true
	}
	for run := range v.values {
		switch {
		case mayMiss && a.chance(30):
			v.values[run] = leftOut{}
		case !v.isNonNull() && (!isNonNull && a.chance(15) || a.chance(a.wrong/4)):
			v.values[run] = nil
		default:
			v.values[run] = plain(value())
		}
	}
	name := a.name("v")
	a.variables[name] = v
	return "$" + name
}

// literal writes a value, of which parts may be variables.
func (a *author) literal(value any, ofType *ast.Type) string {
	switch v := value.(type) {
	case []any:
		if ofType.Elem == nil {
			break
		}
		var items []string
		for _, item := range v {
			items = append(items, a.part(item, ofType.Elem))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case map[string]any:
		var members []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			member := a.schema.Types[ofType.Name()].Fields.ForName(name)
			members = append(members, name+": "+a.part(v[name], member.Type))
		}
		return "{" + strings.Join(members, ", ") + "}"
	}
	return literalOf(value)
}

func (a *author) part(value any, ofType *ast.Type) string {
	if a.chance(a.varying / 4) {
		v := &parameter{declared: ofType.String(), values: [2]any{plain(value), plain(value)}}
		name := a.name("v")
		a.variables[name] = v
		return "$" + name
	}
	return a.literal(value, ofType)
}

func literalOf(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case enum:
		return string(v)
	case []any:
		var items []string
		for _, item := range v {
			items = append(items, literalOf(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case map[string]any:
		var members []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			members = append(members, name+": "+literalOf(v[name]))
		}
		return "{" + strings.Join(members, ", ") + "}"
	}
	text, _ := json.Marshal(value)
	return string(text)
}

// plain is a value as JSON has it.
func plain(value any) any {
	switch v := value.(type) {
	case enum:
		return string(v)
	case []any:
		all := []any{}
		for _, item := range v {
			all = append(all, plain(item))
		}
		return all
	case map[string]any:
		all := map[string]any{}
		for name, member := range v {
			all[name] = plain(member)
		}
		return all
	}
	return value
}
