package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"qm-compliance/auth"
)

// What the packages below deploy/ set and call exists in the program, and what they say of it agrees with
// each other.

// object is a part of a YAML document.
type object map[string]any

// at follows a path of names; a list stands for its first element.
func (o object) at(path ...string) any {
	var current any = map[string]any(o)
	for _, name := range path {
		if list, is := current.([]any); is && len(list) > 0 {
			current = list[0]
		}
		found, _ := current.(map[string]any)
		current = found[name]
	}
	return current
}

func (o object) text(path ...string) string { text, _ := o.at(path...).(string); return text }

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// yamlDocuments reads the documents of a YAML file.
func yamlDocuments(t *testing.T, path string) (all []object) {
	t.Helper()
	decoder := yaml.NewDecoder(strings.NewReader(readFile(t, path)), yaml.Strict())
	for {
		var document map[string]any
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, document)
	}
}

// texts are the values of a map that are texts.
func texts(value any) map[string]string {
	found := map[string]string{}
	if values, is := value.(map[string]any); is {
		for name, value := range values {
			found[name], _ = value.(string)
		}
	}
	return found
}

// variables are what a command of the program reads, with its flags' defaults.
func variables(t *testing.T, command string) map[string]string {
	t.Helper()
	model, err := manualModel()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, leaf := range model.Leaves(true) {
		if leaf.Name != command {
			continue
		}
		for _, flag := range slices.Concat(leaf.Flags, model.Flags) {
			for _, name := range flag.Envs {
				found[name] = flag.Default
			}
		}
		return found
	}
	t.Errorf("the program has no command %q", command)
	return found
}

// isSet checks the settings of one run of a command.
func isSet(t *testing.T, where, command string, set map[string]string) {
	t.Helper()
	known := variables(t, command)
	for name := range set {
		if _, is := known[name]; !is && !strings.HasPrefix(name, "AWS_") {
			t.Errorf("%s: %s reads no variable %s", where, command, name)
		}
	}
	if _, needs := known["OIDC_ISSUER"]; needs && (set["OIDC_ISSUER"] == "" || set["QM_EXCESS_RIGHTS"] != "refuse") {
		t.Errorf("%s: %v", where, set)
	}
	address, err := url.Parse(set["DATABASE_URL"])
	role := map[bool]string{true: "qm_owner", false: "qm_server"}[command == "migrate"]
	if name := regexp.MustCompile(`^\w*`).FindString(address.User.String()); err != nil || name != role {
		t.Errorf("%s: %s runs as %q, %v", where, command, name, err)
	}
	if command == "migrate" && set["QM_GRANT"] != "qm_server" {
		t.Errorf("%s grants to %q", where, set["QM_GRANT"])
	}
}

// outlasts checks that a server is stopped only after it has drained.
func outlasts(t *testing.T, where string, grace time.Duration, set map[string]string) {
	t.Helper()
	known := variables(t, "serve")
	maps.Copy(known, set)
	drain, err := time.ParseDuration(known["QM_DRAIN"])
	end, endErr := time.ParseDuration(known["QM_SHUTDOWN_TIMEOUT"])
	if err != nil || endErr != nil || grace < drain+end+5*time.Second {
		t.Errorf("%s: the server drains for %s and ends within %s, and is killed after %s", where, drain, end, grace)
	}
}

func port(t *testing.T, address string) string {
	t.Helper()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Error(err)
	}
	return port
}

func TestCompose(t *testing.T) {
	t.Parallel()
	compose := yamlDocuments(t, "deploy/compose/compose.yaml")[0]
	caddy := readFile(t, "deploy/compose/Caddyfile")
	roles := readFile(t, "deploy/compose/roles.sh")
	ran := map[string]int{}
	for name, value := range compose["services"].(map[string]any) {
		service := object(value.(map[string]any))
		if service.text("image") != "qm-compliance" {
			continue
		}
		command := service["command"].([]any)[0].(string)
		ran[command]++
		set := texts(service["environment"])
		for name, value := range set { // the passwords are the operator's
			set[name] = regexp.MustCompile(`\$\{\w+(:-([^}]*))?(:\?)?}`).ReplaceAllString(value, "$2")
		}
		isSet(t, name, command, set)
		if service["read_only"] != true || service.at("cap_drop") == nil || service.at("security_opt") == nil {
			t.Errorf("%s is not bounded", name)
		}
		if command != "serve" {
			continue
		}
		grace, err := time.ParseDuration(service.text("stop_grace_period"))
		if err != nil {
			t.Error(name, err)
		}
		outlasts(t, name, grace, set)
		if !strings.Contains(caddy, name+":"+port(t, set["QM_LISTEN"])) ||
			!strings.Contains(caddy, "health_port "+port(t, set["QM_ADMIN_LISTEN"])) {
			t.Errorf("the proxy does not know %s", name)
		}
	}
	if !maps.Equal(ran, map[string]int{"serve": 2, "migrate": 1, "delete-media": 1}) {
		t.Errorf("it runs %v", ran)
	}
	for _, part := range []string{"CREATE ROLE qm_owner", "CREATE ROLE qm_server", "DATABASE qm OWNER qm_owner"} {
		if !strings.Contains(roles, part) {
			t.Errorf("roles.sh lacks %s", part)
		}
	}
}

// The realm has the roles of the program, the console's client, and the audience that the servers ask for.
func TestRealm(t *testing.T) {
	t.Parallel()
	var realm struct {
		Realm string
		Roles struct {
			Realm []struct {
				Name       string
				Composites struct{ Realm []auth.Role }
			}
		}
		Clients []struct {
			ClientID                 string
			PublicClient             bool
			RedirectURIs, WebOrigins []string
			Attributes               map[string]string
			ProtocolMappers          []struct{ Config map[string]string }
		}
		Users []struct{ RealmRoles []string }
	}
	if err := json.Unmarshal([]byte(readFile(t, "deploy/compose/realm.json")), &realm); err != nil {
		t.Fatal(err)
	}
	got := map[string][]auth.Role{}
	for _, role := range realm.Roles.Realm {
		got[role.Name] = role.Composites.Realm
	}
	want := auth.CompositeRoles()
	for _, role := range auth.Roles() {
		want[string(role)] = nil
	}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("the realm has the roles %v", got)
	}
	defaults := variables(t, "serve")
	client := realm.Clients[0]
	audience, groups := client.ProtocolMappers[0].Config, client.ProtocolMappers[1].Config
	if realm.Realm != "contact-centre" || client.ClientID != defaults["QM_CONSOLE_CLIENT_ID"] || !client.PublicClient ||
		client.Attributes["pkce.code.challenge.method"] != "S256" || client.RedirectURIs[0] != "${APP_SITE}/signed-in" ||
		audience["included.custom.audience"] != defaults["OIDC_AUDIENCE"] || audience["id.token.claim"] != "false" ||
		groups["claim.name"] != defaults["OIDC_GROUPS_CLAIM"] {
		t.Errorf("the client is %+v", client)
	}
	for _, user := range realm.Users {
		if len(user.RealmRoles) != 1 || want[user.RealmRoles[0]] == nil {
			t.Errorf("a user has the roles %v", user.RealmRoles)
		}
	}
}

func TestKubernetes(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../deploy/kubernetes/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var all []object
	settings := map[string]map[string]string{}
	for _, file := range files {
		for _, document := range yamlDocuments(t, strings.TrimPrefix(file, "../")) {
			all = append(all, document)
			name := document.text("metadata", "name")
			if document["kind"] != "Namespace" && document.text("metadata", "namespace") != "qm-compliance" {
				t.Errorf("%s is in the namespace %q", name, document.text("metadata", "namespace"))
			}
			settings[document.text("kind")+" "+name] = texts(cmpOr(document["data"], document["stringData"]))
		}
	}
	ran := map[string]int{}
	for _, document := range all {
		if pod, is := document.at("spec", "template").(map[string]any); is {
			ran[checkPod(t, document, pod, settings)]++
		}
	}
	if !maps.Equal(ran, map[string]int{"serve": 1, "migrate": 1, "delete-media": 1}) {
		t.Errorf("it runs %v", ran)
	}
	checkSelectors(t, all)
}

func cmpOr(a, b any) any {
	if a != nil {
		return a
	}
	return b
}

// checkPod returns the command that a pod runs.
func checkPod(t *testing.T, document, pod object, settings map[string]map[string]string) string {
	t.Helper()
	name := document.text("metadata", "name")
	container := object(pod.at("spec", "containers").([]any)[0].(map[string]any))
	command := container["args"].([]any)[0].(string)
	set, known := map[string]string{}, variables(t, command)
	for _, from := range container["envFrom"].([]any) {
		for kind, reference := range map[string]string{"configMapRef": "ConfigMap", "secretRef": "Secret"} {
			if source := object(from.(map[string]any)).text(kind, "name"); source != "" {
				if settings[reference+" "+source] == nil {
					t.Errorf("%s: there is no %s %s", name, reference, source)
				}
				maps.Copy(set, settings[reference+" "+source])
			}
		}
	}
	if list, is := container["env"].([]any); is {
		for _, one := range list {
			set[object(one.(map[string]any)).text("name")] = object(one.(map[string]any)).text("value")
		}
	}
	shared := maps.Clone(set)
	maps.DeleteFunc(shared, func(name, _ string) bool { // the ConfigMap is for serve and delete-media
		_, is := known[name]
		_, other := variables(t, "serve")[name]
		_, third := variables(t, "delete-media")[name]
		return !is && (other || third)
	})
	isSet(t, name, command, shared)
	security := object(container["securityContext"].(map[string]any))
	if pod.at("spec", "securityContext", "runAsNonRoot") != true || security["readOnlyRootFilesystem"] != true ||
		security["allowPrivilegeEscalation"] != false || pod.at("spec", "automountServiceAccountToken") != false {
		t.Errorf("%s is not bounded", name)
	}
	if command == "serve" {
		grace, _ := pod.at("spec", "terminationGracePeriodSeconds").(uint64)
		outlasts(t, name, time.Duration(grace)*time.Second, set)
		checkPorts(t, container, set)
	}
	return command
}

func checkPorts(t *testing.T, container object, set map[string]string) {
	t.Helper()
	want := map[string]string{"http": port(t, set["QM_LISTEN"]), "admin": port(t, set["QM_ADMIN_LISTEN"])}
	for _, value := range container["ports"].([]any) {
		opened := object(value.(map[string]any))
		if number, _ := json.Marshal(opened["containerPort"]); string(number) != want[opened.text("name")] {
			t.Errorf("the port %s is %s", opened.text("name"), number)
		}
	}
	for probe, path := range map[string]string{"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"} {
		if container.text(probe, "httpGet", "path") != path || container.text(probe, "httpGet", "port") != "admin" {
			t.Errorf("the %s asks %v", probe, container[probe])
		}
	}
}

// checkSelectors looks for the pods of services, budgets and policies.
func checkSelectors(t *testing.T, all []object) {
	t.Helper()
	for _, document := range all {
		selector := cmpOr(document.at("spec", "selector"), document.at("spec", "podSelector"))
		labels, is := selector.(map[string]any)
		if inner, nested := labels["matchLabels"].(map[string]any); nested {
			labels = inner
		}
		if !is || len(labels) == 0 {
			continue
		}
		found := slices.ContainsFunc(all, func(other object) bool {
			pod := texts(other.at("spec", "template", "metadata", "labels"))
			for name, value := range labels {
				if pod[name] != value {
					return false
				}
			}
			return true
		})
		if !found {
			t.Errorf("%s %s selects no pod: %v", document["kind"], document.text("metadata", "name"), labels)
		}
	}
}

// The units call commands that exist, with settings that exist, let the server drain, and are right where
// systemd can say so.
func TestUnits(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../deploy/systemd/*.service")
	if err != nil || len(files) != 3 {
		t.Fatal(files, err)
	}
	environments := map[string]string{"server.env": "qm-compliance.env", "owner.env": "owner.env"}
	dir := t.TempDir()
	arguments := []string{"verify", "--man=no", filepath.Join(dir, "qm-compliance-delete-media.timer")}
	timer := readFile(t, "deploy/systemd/qm-compliance-delete-media.timer")
	if err := os.WriteFile(arguments[2], []byte(timer), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text := readFile(t, strings.TrimPrefix(file, "../"))
		setting := func(name string) string {
			found := regexp.MustCompile(`(?m)^` + name + `=(.*)$`).FindStringSubmatch(text)
			if found == nil {
				t.Errorf("%s lacks %s", file, name)
				return ""
			}
			return found[1]
		}
		command := strings.TrimPrefix(setting("ExecStart"), "/usr/bin/qm-compliance ")
		set := map[string]string{}
		environment := readFile(t, "deploy/systemd/"+environments[filepath.Base(setting("EnvironmentFile"))])
		for _, line := range regexp.MustCompile(`(?m)^#?([A-Z_]+)=(.*)$`).FindAllStringSubmatch(environment, -1) {
			if _, known := variables(t, command)[line[1]]; known || command != "delete-media" {
				set[line[1]] = line[2]
			}
		}
		isSet(t, file, command, set)
		if command == "serve" {
			seconds, err := time.ParseDuration(setting("TimeoutStopSec") + "s")
			if err != nil {
				t.Error(err)
			}
			outlasts(t, file, seconds, set)
		}
		copied := filepath.Join(dir, filepath.Base(file))
		if err := os.WriteFile(copied, []byte(strings.ReplaceAll(text, "/usr/bin/qm-compliance", self)), 0o600); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, copied)
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		return // not a machine with systemd
	}
	out, err := exec.CommandContext(t.Context(), analyze, arguments...).CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("qm-compliance")) {
		t.Errorf("%v: %s", err, out)
	}
}

// The container file builds with the version of Go that go.mod names, runs the program as nobody in
// particular, and calls commands that exist. The releases contain files that exist.
func TestContainerAndReleases(t *testing.T) {
	t.Parallel()
	file := readFile(t, "deploy/container/Dockerfile")
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(readFile(t, "go.mod"))[1]
	if !strings.Contains(file, "ARG GO_VERSION="+version+"\n") {
		t.Errorf("the container is not built with Go %s", version)
	}
	for _, stage := range strings.Split(file, "\nFROM ")[2:] {
		if !strings.Contains(stage, "\nUSER 65532:65532\n") || !strings.Contains(stage, "--chown=65532:65532") {
			t.Errorf("a stage runs as root: %s", stage)
		}
		variables(t, regexp.MustCompile(`CMD \["([a-z-]+)"]`).FindStringSubmatch(stage)[1])
	}
	release := readFile(t, ".goreleaser.yaml")
	yamlDocuments(t, ".goreleaser.yaml")
	sources := regexp.MustCompile(`(?m)^\s+- (?:\{?src: )?([\w.-]+(?:/[\w.*-]+)*)`).FindAllStringSubmatch(release, -1)
	checked := 0
	for _, source := range sources {
		name := source[1]
		if strings.HasPrefix(name, "deploy/") || regexp.MustCompile(`^[A-Z]+(\.md)?$`).MatchString(name) {
			checked++
			if found, err := filepath.Glob(filepath.Join("..", name)); err != nil || len(found) == 0 {
				t.Errorf("the release has %s, and there is no such file", name)
			}
		}
	}
	if checked < 7 {
		t.Errorf("only %d files of the release were found in %s", checked, release)
	}
}
