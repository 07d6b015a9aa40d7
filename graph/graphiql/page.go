package graphiql

import (
	"crypto/rand"
	_ "embed" // for the two files below
	"html/template"
	"io"
)

//go:embed page/index.html
var indexHTML string

//go:embed page/default.graphql
var defaultQuery string

// page is the one HTML page, made for one Config.
type page struct {
	template *template.Template
	config   Config
}

func newPage(cfg Config) *page {
	return &page{template: template.Must(template.New("index.html").Parse(indexHTML)), config: cfg}
}

// write renders the page; html/template escapes every value for the place that it stands in. Only w can make it fail.
func (p *page) write(w io.Writer, nonce string) error {
	return p.template.Execute(w, struct {
		Config
		Path, Nonce, DefaultQuery string
	}{p.config, Path, nonce, defaultQuery})
}

// newNonce returns an unguessable text that is used once, in one answer's content security policy.
func newNonce() string { return rand.Text() }
