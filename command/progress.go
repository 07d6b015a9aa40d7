package command

import (
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows a bar if it prints to a terminal, and else nothing.
type progress struct {
	out  io.Writer
	what string
	bar  *progressbar.ProgressBar
}

func newBar(out io.Writer, what string) *progress {
	return &progress{out: out, what: what}
}

// expect starts a bar of this many steps.
func (p *progress) expect(steps int) {
	file, ok := p.out.(*os.File)
	if !ok || steps == 0 || !term.IsTerminal(int(file.Fd())) {
		p.bar = nil
		return
	}
	p.bar = progressbar.NewOptions(steps, progressbar.OptionSetWriter(file), progressbar.OptionShowCount(),
		progressbar.OptionSetDescription(p.what), progressbar.OptionClearOnFinish())
}

func (p *progress) step() {
	if p.bar != nil {
		_ = p.bar.Add(1)
	}
}

func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}
