package interaction_test

import (
	"strings"
	"testing"
	"time"

	"qm-compliance/media/interaction"
)

func TestOptionsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options interaction.Options
		want    string
	}{
		"none":              {interaction.Options{}, "begin with https://"},
		"no scheme":         {interaction.Options{URL: "media.secret/api"}, "begin with https://"},
		"another scheme":    {interaction.Options{URL: "ftp://media.secret"}, "begin with https://"},
		"no host":           {interaction.Options{URL: "https:///secret"}, "names no host"},
		"only a port":       {interaction.Options{URL: "https://:8080/secret"}, "names no host"},
		"opaque":            {interaction.Options{URL: "https:media.secret"}, "names no host"},
		"no number":         {interaction.Options{URL: "https://media.secret:port"}, "cannot be read"},
		"empty port":        {interaction.Options{URL: "https://media.secret:"}, "port"},
		"port 0":            {interaction.Options{URL: "https://media.secret:0"}, "port"},
		"port too high":     {interaction.Options{URL: "https://media.secret:65536"}, "port"},
		"fragment":          {interaction.Options{URL: "https://media.secret/#api"}, "fragment"},
		"empty fragment":    {interaction.Options{URL: "https://media.secret/#"}, "fragment"},
		"control character": {interaction.Options{URL: "https://media.secret/\n"}, "cannot be read"},
		"token and user": {interaction.Options{URL: "https://una:secret@media.secret", Token: "secret"},
			"leave one out"},
		"token of two words": {interaction.Options{URL: "https://media.example", Token: "Bearer secret"},
			"bearer token"},
		"token of two lines": {interaction.Options{URL: "https://media.example", Token: "secret\n"},
			"bearer token"},
		"negative timeout": {interaction.Options{URL: "https://media.example", Timeout: -time.Second},
			"negative"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := interaction.NewClient(test.options)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %v; want %q, and no secret", err, test.want)
			}
		})
	}
}
