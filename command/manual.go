package command

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

type manCommand struct{}

// Run prints the manual page, from the same commands and flags as --help.
func (manCommand) Run(env environment) error {
	model, err := manualModel()
	if err != nil {
		return err
	}
	page := &manual{}
	page.write(model)
	_, err = io.WriteString(env.Out, page.String())
	return err
}

// manualModel is the command line with the defaults that depend on the machine in words.
func manualModel() (*kong.Application, error) {
	const processors = "by the processors"
	words := kong.Vars{
		"data": "$XDG_DATA_HOME/qm-compliance, else ~/.local/share/qm-compliance; " +
			"for root /var/lib/qm-compliance",
		"operations": processors, "each": processors,
	}
	parser, err := kong.New(&cli{}, kong.Name(programName), kong.Description(description), words)
	if err != nil {
		return nil, err
	}
	return parser.Model, nil
}

// manual is a page in the language of man (roff).
type manual struct{ strings.Builder }

func (m *manual) write(model *kong.Application) {
	m.line(".TH QM-COMPLIANCE 1 \"\" qm\\-compliance \"User Commands\"")
	m.section("NAME", model.Name+" - "+firstLower(model.Help))
	m.section("SYNOPSIS")
	m.line(`.B qm\-compliance`)
	m.line(`.I command`)
	m.line(`.RI [ flags ]`)
	m.section("DESCRIPTION", "A command finds its settings in flags, or in the environment variables that stand "+
		"beside them. A flag comes before a variable.")
	m.section("COMMANDS")
	for _, command := range model.Leaves(true) {
		m.command(command)
	}
	m.section("FLAGS OF ALL COMMANDS")
	m.flags(model.Flags)
	m.section("EXIT STATUS")
	for _, row := range [][2]string{
		{"0", "success"}, {"1", "a failure"},
		{"2", "something was refused, or is left to do; the output says what"}, {"80", "the command line is wrong"},
	} {
		m.line(".TP")
		m.line(`.B ` + row[0])
		m.text(row[1])
	}
}

func (m *manual) command(command *kong.Command) {
	m.line(".SS " + escaped(command.Summary()))
	m.text(command.Help)
	m.flags(command.Flags)
}

// flags are described group by group, as in --help.
func (m *manual) flags(flags []*kong.Flag) {
	group := ""
	for _, flag := range flags {
		if flag.Hidden {
			continue
		}
		if flag.Group != nil && flag.Group.Title != group {
			group = flag.Group.Title
			m.line(".PP")
			m.line(".I " + escaped(group))
		}
		m.line(".TP")
		m.line(".B " + escaped(flag.String()))
		m.text(about(flag))
	}
}

// about is what a flag is for, its choices and its default, and where else it is set.
func about(flag *kong.Flag) string {
	text := flag.Help
	if flag.Enum != "" && !strings.Contains(flag.Help, flag.Default) {
		text += " One of " + strings.Join(flag.EnumSlice(), ", ") + "."
	}
	if flag.HasDefault && flag.Default != "" && !flag.IsBool() {
		text += " By default " + flag.Default + "."
	}
	if len(flag.Envs) > 0 {
		text += " ($" + strings.Join(flag.Envs, ", $") + ")"
	}
	return text
}

func (m *manual) section(title string, paragraphs ...string) {
	m.line(".SH " + title)
	for _, paragraph := range paragraphs {
		m.text(paragraph)
	}
}

// text is one paragraph. A line of it that begins with a full stop or an apostrophe would be a command of
// roff.
func (m *manual) text(text string) {
	line := escaped(cmp.Or(text, "."))
	if strings.ContainsAny(line[:1], ".'") {
		line = `\&` + line
	}
	m.line(line)
}

func (m *manual) line(line string) { _, _ = fmt.Fprintln(m, line) }

// escaped keeps hyphens what they are: by themselves they may be printed as dashes, which no shell takes for
// them.
func escaped(text string) string {
	return strings.NewReplacer(`\`, `\e`, `-`, `\-`).Replace(text)
}

func firstLower(text string) string {
	text = strings.TrimSuffix(text, ".")
	return strings.ToLower(text[:1]) + text[1:]
}
