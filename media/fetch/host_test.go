package fetch_test

import (
	"strings"
	"testing"

	"qm-compliance/media/fetch"
)

func TestAllowedHosts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		list, url string
		want      bool
	}{
		{"media.example", "https://media.example/a.wav", true},
		{"media.example", "http://media.example/a.wav?signature=1", true},
		{"media.example", "https://MEDIA.Example./a.wav", true},
		{"Media.EXAMPLE.", "https://media.example", true},
		{"media.example", "https://media.example..", false},
		{"media.example", "https://media.example:443/", true},
		{"media.example", "https://media.example:/", true},
		{"media.example", "http://media.example:443/", false},
		{"media.example", "https://media.example:8443/", false},
		{"media.example", "https://una:secret@media.example/", true},
		{"media.example", "https://media.example@evil.example/", false},
		{"media.example", "https://evil.example/media.example", false},
		{"media.example", "https://evil.example#media.example", false},
		{"media.example", `https://evil.example\@media.example/`, false},
		{"media.example", "https://a.media.example/", false},
		{"media.example", "https://media.example.evil.example/", false},
		{"media.example", "https://notmedia.example/", false},
		{"media.example", "ftp://media.example/", false},
		{"media.example", "file:///etc/passwd", false},
		{"media.example", "media.example/a.wav", false},
		{"media.example", "//media.example/a.wav", false},
		{"media.example", "https:media.example", false},
		{"media.example", "https:///a.wav", false},
		{"media.example", "", false},
		{"media.example", "https://media.example:0/", false},
		{"media.example", "https://media.example:99999/", false},
		{"media.example", "https://media.example\r\nHost: evil.example/", false},
		{"media.example:8443", "https://media.example:8443/", true},
		{"media.example:8443", "http://media.example:8443/", true},
		{"media.example:8443", "https://media.example/", false},
		{"media.example:08443", "https://media.example:8443/", false},
		{"*.media.example", "https://a.media.example/", true},
		{"*.media.example", "https://a.b.Media.Example./", true},
		{"*.media.example", "https://media.example/", false},
		{"*.media.example", "https://.media.example/", false},
		{"*.media.example", "https://notmedia.example/", false},
		{"*.media.example", "https://a.media.example:8443/", false},
		{"*.media.example:8443", "https://a.media.example:8443/", true},
		{"bücher.example", "https://xn--bcher-kva.example/", true},
		{"xn--bcher-kva.example", "https://BÜCHER.example/", true},
		{"media.example", "https://ｍｅｄｉａ。example/", true},
		{"media.example", "https://m%65dia.example/", false},
		{"r3---sn-4g5e.media.example", "https://r3---sn-4g5e.media.example/", true},
		{"8.8.8.8", "https://8.8.8.8/", true},
		{"8.8.8.8", "https://8.8.8.8./", true},
		{"8.8.8.8", "https://8.8.8.9/", false},
		{"8.8.8.8", "https://134744072/", false},
		{"8.8.8.8", "https://[::ffff:8.8.8.8]/", false},
		{"2606:4700::1111", "https://[2606:4700:0::1111]/", true},
		{"[2606:4700::1111]:8443", "https://[2606:4700::1111]:8443/", true},
		{"2606:4700::1111", "https://[2606:4700::1111%25eth0]/", false},
		{"", "https://media.example/", false},
	} {
		f, err := fetch.New(fetch.Options{Hosts: strings.Fields(test.list), MaxBytes: 1})
		if err != nil {
			t.Errorf("%s: %v", test.list, err)
			continue
		}
		if got := f.Allows(test.url); got != test.want {
			t.Errorf("with %q, %q is allowed: %t; want %t", test.list, test.url, got, test.want)
		}
	}
}

func TestListsThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, entry := range []string{
		"", " ", "*", "*.", "*.*.example", "a.*.example", "*media.example", "https://media.example",
		"media.example/a", "media.example?a", "media.example#a",
		"una@media.example", "media.example:", "media.example:0", "media.example:65536", "media.example:http",
		":8443", "media..example", ".example",
		"*.8.8.8.8", "*.::1", "fe80::1%eth0", "[fe80::1%25eth0]", "[8.8.8.8]", "me dia.example", "media_.example",
		"media.example,other.example",
	} {
		if _, err := fetch.New(fetch.Options{Hosts: []string{"media.example", entry}, MaxBytes: 1}); err == nil {
			t.Errorf("the entry %q is taken; want it refused", entry)
		}
	}
}

func TestOptionsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]fetch.Options{
		"no bytes": {}, "fewer bytes": {MaxBytes: -1}, "negative timeout": {MaxBytes: 1, Timeout: -1},
	} {
		if _, err := fetch.New(options); err == nil {
			t.Errorf("%s: taken; want it refused", name)
		}
	}
}
