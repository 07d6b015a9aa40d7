package command

import (
	"runtime/debug"
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	if status, out, errors := command(t, "version"); status != 0 || !strings.HasPrefix(out, "qm-compliance ") ||
		!strings.Contains(out, "go1.") {
		t.Errorf("status %d: %s%s", status, out, errors)
	}
}

// The version is the release's, or else the module's, with what the build recorded of its source.
func TestVersionOfABuild(t *testing.T) {
	t.Parallel()
	recorded := []debug.BuildSetting{
		{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: "24dfe59"}, {Key: "vcs.time", Value: "2026-11-25T01:00:00Z"},
	}
	modified := append(recorded[:3:3], debug.BuildSetting{Key: "vcs.modified", Value: "true"})
	build := func(version string, settings []debug.BuildSetting) *debug.BuildInfo {
		return &debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: version}, Settings: settings}
	}
	for name, row := range map[string]struct {
		release string
		info    *debug.BuildInfo
		want    string
	}{
		"go run":     {"", build("(devel)", nil), "development build (go1.26.0)"},
		"go test":    {"", build("", nil), "development build (go1.26.0)"},
		"go install": {"", build("v1.2.3", nil), "v1.2.3 (go1.26.0)"},
		"go build": {"", build("v1.2.4-0.2026", recorded),
			"v1.2.4-0.2026 (revision 24dfe59, of 2026-11-25T01:00:00Z, go1.26.0)"},
		"changed": {"", build("(devel)", modified),
			"development build (revision 24dfe59, of 2026-11-25T01:00:00Z, with uncommitted changes, go1.26.0)"},
		"a release":      {"v1.3.0", build("(devel)", nil), "v1.3.0 (go1.26.0)"},
		"no information": {"", nil, "development build"},
	} {
		if got := versionOf(row.release, row.info); got != row.want {
			t.Errorf("%s: %q; want %q", name, got, row.want)
		}
	}
}
