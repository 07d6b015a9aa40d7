package vcon

import (
	"strings"

	"github.com/inbucket/html2text"
	"golang.org/x/net/html"
)

// plain reduces HTML to readable text: paragraphs and lists as lines, links as what they show. HTML that
// cannot be laid out, such as one nested too deep, is reduced to the texts in it.
func plain(source string) string {
	text, err := html2text.FromString(source, html2text.Options{OmitLinks: true})
	if err != nil {
		text = textNodes(source)
	}
	return strings.TrimSpace(text)
}

func textNodes(source string) string {
	var texts []string
	skip := false
	for tokens := html.NewTokenizer(strings.NewReader(source)); ; {
		switch kind := tokens.Next(); kind {
		case html.ErrorToken:
			return strings.Join(texts, " ")
		case html.StartTagToken, html.EndTagToken:
			name, _ := tokens.TagName()
			skip = kind == html.StartTagToken && (string(name) == "script" || string(name) == "style")
		case html.TextToken:
			if text := strings.TrimSpace(string(tokens.Text())); text != "" && !skip {
				texts = append(texts, html.UnescapeString(text))
			}
		}
	}
}
