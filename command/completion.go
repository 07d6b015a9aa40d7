package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Shell string `arg:"" help:"The shell: bash, zsh or fish." enum:"bash,zsh,fish"`
}

// Run prints a script by which a shell completes commands, flags and their values. It asks the program.
func (c completionCommand) Run(env environment) error {
	scripts := map[string]string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}
	_, err := fmt.Fprint(env.Out, scripts[c.Shell])
	return err
}

// Where nothing is suggested, each shell offers files.
const (
	bashCompletion = `# bash completion for qm-compliance
_qm_compliance() {
  mapfile -t COMPREPLY < <("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _qm_compliance qm-compliance
`
	zshCompletion = `#compdef qm-compliance
_qm_compliance() {
  local -a found
  found=(${(f)"$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)"})
  if (( ${#found} )); then compadd -- $found; else _files; fi
}
if [[ ${funcstack[1]} == _qm_compliance ]]; then _qm_compliance "$@"; else compdef _qm_compliance qm-compliance; fi
`
	fishCompletion = `# fish completion for qm-compliance
function __qm_compliance
    set -l words (commandline -opc) (commandline -ct)
    set -l found ($words[1] complete -- $words[2..-1] 2>/dev/null)
    if set -q found[1]
        printf '%s\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c qm-compliance -f -a '(__qm_compliance)'
`
)

type completeCommand struct {
	Words []string `arg:"" optional:"" passthrough:""`
}

// Run prints what the last of the words, which may be empty, can become, a line for each.
func (c completeCommand) Run(env environment, parsed *kong.Context) error {
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	for _, candidate := range candidates(parsed.Model, words) {
		if _, err := fmt.Fprintln(env.Out, candidate); err != nil {
			return err
		}
	}
	return nil
}

// candidates are the commands, flags or values that the last word begins.
func candidates(model *kong.Application, words []string) (found []string) {
	if len(words) == 0 {
		words = []string{""}
	}
	node, last := model.Node, words[len(words)-1]
	var open *kong.Flag // a flag whose value comes next
	for _, word := range words[:len(words)-1] {
		if open != nil {
			open = nil
			continue
		}
		if strings.HasPrefix(word, "-") {
			open = awaited(node, word)
			continue
		}
		for _, child := range node.Children {
			if child.Name == word && !child.Hidden {
				node = child
			}
		}
	}
	switch {
	case open != nil:
		found = open.EnumSlice()
	case strings.HasPrefix(last, "-"):
		for _, flag := range allFlags(node) {
			found = append(found, "--"+flag.Name)
		}
	default:
		found = names(node)
	}
	return slices.DeleteFunc(found, func(candidate string) bool {
		return candidate == "" || !strings.HasPrefix(candidate, last)
	})
}

// names are the commands below a node, or the choices of its first argument.
func names(node *kong.Node) (names []string) {
	for _, child := range node.Children {
		if !child.Hidden {
			names = append(names, child.Name)
		}
	}
	for _, argument := range node.Positional[:min(1, len(node.Positional))] {
		names = append(names, argument.EnumSlice()...)
	}
	return names
}

// awaited is the flag of a word if its value is the next word, else nil.
func awaited(node *kong.Node, word string) *kong.Flag {
	for _, flag := range allFlags(node) {
		if (word == "--"+flag.Name || flag.Short != 0 && word == "-"+string(flag.Short)) && !flag.IsBool() {
			return flag
		}
	}
	return nil
}

func allFlags(node *kong.Node) []*kong.Flag { return slices.Concat(node.AllFlags(true)...) }
