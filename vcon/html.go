package vcon

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// plain reduces HTML to the text that it shows: blocks as paragraphs, list items and rows as lines, quotes
// behind ">", links and pictures as their texts. It reads tokens, not a tree, so that no nesting is too deep
// and no text is lost for standing in a wrong place.
func plain(source string) string {
	w := &htmlWriter{}
	tokens := html.NewTokenizer(strings.NewReader(strings.TrimPrefix(source, "\uFEFF")))
	tokens.AllowCDATA(true)
	for isHidden := false; ; {
		switch kind := tokens.Next(); kind {
		case html.ErrorToken:
			return strings.TrimSpace(w.text.String())
		case html.TextToken:
			if text := string(tokens.Text()); !isHidden {
				w.write(text)
			}
			isHidden = false
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			token := tokens.Token()
			isHidden = kind == html.StartTagToken && isHiddenElement(token.Data)
			// These show their content where scripts and frames are not shown, as in a mail. The others are
			// empty, whatever a tokenizer of HTML makes of them.
			if isFallback(token.Data) || kind == html.SelfClosingTagToken {
				tokens.NextIsNotRawText()
			}
			w.tag(token)
		}
	}
}

func isHiddenElement(name string) bool { return name == "script" || name == "style" || name == "title" }

func isFallback(name string) bool {
	return name == "noscript" || name == "noframes" || name == "noembed" || name == "iframe"
}

// htmlWriter lays text out. Breaks and spaces wait until text follows them.
type htmlWriter struct {
	text     strings.Builder
	breaks   int
	space    bool
	isBullet bool // nothing follows the sign of a list item yet
	// open counts the asterisks that the ends of bold text owe, bold those at a beginning that wait for text.
	open, bold int
	quotes     int
	pre        int
}

func (w *htmlWriter) tag(token html.Token) {
	isEnd := token.Type == html.EndTagToken
	switch token.Data {
	case "br":
		w.breakLine(min(w.breaks+1, 2))
	case "b", "strong":
		w.bolden(isEnd)
	case "td", "th":
		w.space = true
	case "img", "area":
		for _, attribute := range token.Attr {
			if attribute.Key == "alt" {
				w.write(attribute.Val)
			}
		}
	case "li":
		w.breakLine(1)
		if !isEnd {
			w.emit("*")
			w.space, w.isBullet = true, true
		}
	case "blockquote":
		w.breakLine(2)
		w.quotes = nested(w.quotes, isEnd)
	case "pre", "xmp", "listing", "plaintext", "textarea":
		w.breakLine(2)
		w.pre = nested(w.pre, isEnd)
	case "p", "ul", "ol", "dl", "menu", "table", "h1", "h2", "h3", "h4", "h5", "h6":
		w.breakLine(2)
	case "div", "tr", "dt", "dd", "section", "article", "header", "footer", "nav", "main", "aside", "address",
		"form", "fieldset", "legend", "figure", "figcaption", "center", "caption", "option", "details",
		"summary", "dialog", "hr", "body", "noframes", "noscript", "iframe", "title":
		w.breakLine(1)
	}
}

// bolden puts bold text between asterisks, where there is any.
func (w *htmlWriter) bolden(isEnd bool) {
	switch {
	case !isEnd:
		w.bold++
		w.open++
	case w.bold > 0:
		w.bold--
		w.open--
	case w.open > 0:
		w.open--
		w.text.WriteString("*")
	}
}

// nested counts how many elements of a kind are open; an end without a beginning ends nothing.
func nested(open int, isEnd bool) int {
	if isEnd {
		return max(open-1, 0)
	}
	return open + 1
}

// breakLine ends a line: 2 leaves a blank one. A list item begins on the line of its sign.
func (w *htmlWriter) breakLine(breaks int) {
	if !w.isBullet {
		w.breaks = max(w.breaks, breaks)
	}
}

func (w *htmlWriter) write(text string) {
	if w.pre > 0 {
		for i, line := range strings.Split(strings.ReplaceAll(text, "\r", ""), "\n") {
			if i > 0 {
				w.breakLine(min(w.breaks+1, 2))
			}
			w.emit(line)
		}
		return
	}
	words := strings.Join(strings.Fields(text), " ")
	w.space = w.space || strings.TrimLeftFunc(text, unicode.IsSpace) != text
	w.emit(words)
	w.space = w.space || strings.TrimRightFunc(text, unicode.IsSpace) != text
}

func (w *htmlWriter) emit(text string) {
	if text == "" {
		return
	}
	isFirst := w.text.Len() == 0
	for ; w.breaks > 0 && !isFirst; w.breaks-- {
		w.text.WriteString("\n")
		if w.breaks == 1 || w.quotes > 0 {
			w.text.WriteString(w.prefix())
		}
		w.space = false
	}
	if isFirst {
		w.text.WriteString(w.prefix())
	} else if w.space {
		w.text.WriteString(" ")
	}
	w.text.WriteString(strings.Repeat("*", min(w.bold, 2)))
	w.open -= max(w.bold-2, 0) // bold text within bold text owes no more
	w.text.WriteString(text)
	w.breaks, w.space, w.isBullet, w.bold = 0, false, false, 0
}

// prefix is in front of a quoted line. It ends growing where nobody counts any more.
func (w *htmlWriter) prefix() string { return strings.Repeat("> ", min(w.quotes, 20)) }
