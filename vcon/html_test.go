package vcon_test

import (
	"strings"
	"testing"
)

// What HTML shows is its text: nothing is lost, and nothing comes in that it does not show.
func TestHTMLAsText(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`<p>a</p><p>b</p>`: "a\n\nb",
		`a<br>b<br><br>c`:  "a\nb\n\nc",
		// Links show their text, wherever they stand.
		`<a href="https://x.example/1">Pay</a>`:                               "Pay",
		`<b><a href="https://x.example/1">Pay</a> now</b>`:                    "*Pay now*",
		`<strong>x <a href="https://x.example/1">Pay</a></strong>`:            "*x Pay*",
		`<h1>See <a href="https://x.example/1">this</a></h1>b`:                "See this\n\nb",
		`<h3><b><i><a href="https://x.example/1">this</a></i></b></h3>`:       "*this*",
		`<h5><a href="mailto:a@x.example">write</a></h5>`:                     "write",
		`<a href="https://x.example/1"><img src="a.png" alt="Our shop"></a>`:  "Our shop",
		`<a href="https://x.example/1">https://x.example/1</a>`:               "https://x.example/1",
		`<p>fine <img src="smile.png" alt=":)"> thanks</p>`:                   "fine :) thanks",
		`<table><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></table>`:     "a b\nc",
		`<ul><li>one</li><li><p>two</p></li></ul>`:                            "* one\n* two",
		`<ol><li>one<ul><li>inner</ul><li>two</ol>`:                           "* one\n\n* inner\n\n* two",
		`<blockquote>said<br>he<blockquote>she</blockquote></blockquote>they`: "> said\n> he\n> > \n> > she\n\nthey",
		`</blockquote></pre>a  b`:                                             "a b",
		"<pre>a  b\n  c</pre>d":                                               "a  b\n  c\n\nd",
		"<textarea>a <b>\nc</textarea>":                                       "a <b>\nc",
		// Words are not cut, nor joined.
		`wo<b>r</b>d 50<sup>th</sup>`:          "wo*r*d 50th",
		`<b>a</b> <i>b</i><span> c</span>`:     "*a* b c",
		"a\n\n  b&nbsp;&nbsp;c":                "a b c",
		`&amp;lt;b&amp;gt; &lt;i&gt; &eacute;`: "&lt;b&gt; <i> é",
		// What shows where frames and scripts are not shown.
		`<frameset><frame src=a><noframes><body><p>Old <b>text</b></p></body></noframes></frameset>`: "Old *text*",
		`<noscript><p>No <b>script</b></p></noscript>after`:                                          "No *script*\n\nafter",
		`<noembed><i>No player</i></noembed>`:                                                        "No player",
		`<iframe src=a><p>framed</p></iframe>`:                                                       "framed",
		`<object><p>no object</p></object><video>no <b>film</b></video>`: "no object\n\nno" +
			" *film*",
		`<xmp><b>as it stands</b></xmp>`: "<b>as it stands</b>",
		// What never shows.
		`<html><head><title>t</title><style>p {color: red}</style></head><body>a<script>x("b")</script></body>`: "a",
		`a<!-- not said -->b<![if !mso]>c<![endif]>`:                                                            "abc",
		`<style type="text/css"/>a<script src="x"/>b<title/>c`:                                                  "ab\nc",
		// What is not closed, or not opened.
		`<p>a<div>b</span></p>c`:     "a\nb\n\nc",
		`<table>a<tr>b<td>c`:         "a\nb c",
		`a < b and c > d`:            "a < b and c > d",
		`text <unknown>in</unknown>`: "text in",
		"\uFEFF<p>after a mark</p>":  "after a mark",
		`<![CDATA[data]]> a`:         "data a",
		strings.Repeat(`<div><b>`, 2000) + "deep" + strings.Repeat(`</b></div>`, 2000): "**deep**",
		`<b>a <strong></strong></b>b<b></b></b> c<b>d`:                                 "*a* b c*d",
	} {
		segment := parse(t, document(mail("text/html", source, `, "message_id": "<1>"`))).Segments[0]
		if len(segment.Messages) != 1 || segment.Messages[0].Text != want {
			t.Errorf("%.200s\nbecomes %q\nnot     %q", source, said(segment), want)
		}
	}
}
