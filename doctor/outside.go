package doctor

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"qm-compliance/auth"
	"qm-compliance/media/filestore"
)

// store judges whether there is a file store.
func store(f Facts) (found string, all []Problem) {
	var p problems
	switch s := f.Store; {
	case s.Err != nil:
		p.fault("correct MEDIA_URL (--media-url), its credentials and the way to it", "%s", s.Err)
	case s.Exists && s.Kind == filestore.Memory:
		p.fault("set MEDIA_URL to a folder or a bucket", "recordings are kept in memory, and are lost when a server ends")
	case s.Exists:
		return "a " + string(s.Kind), nil
	case s.Kind == filestore.Bucket:
		p.fault("make the bucket, or correct MEDIA_URL", "the service has no such bucket")
	case f.Database.MediaStore != "":
		p.fault("mount its disk, or correct MEDIA_URL (--media-url)", "the folder with the recordings is not there")
	default:
		return "no folder yet; the first server makes it", nil
	}
	return "", p
}

// identity judges whether it is the store that the database knows.
func identity(f Facts) (found string, all []Problem) {
	var p problems
	s, known := f.Store, f.Database.MediaStore
	const fix = "mount its disk, or correct MEDIA_URL; where the recordings were moved, .media-store has to move with them"
	switch {
	case f.Database.Err != nil:
		return "not compared: the database could not be asked", nil
	case known == "":
		return "no recordings yet", nil
	case s.ID == "":
		p.fault(fix, "the file store is empty or another one: it has no .media-store, and the recordings are in the store %s", known)
	case s.ID != known:
		p.fault(fix, "it is another file store (%s); the recordings are in %s", s.ID, known)
	}
	return "the one with the recordings", p
}

// use judges whether recordings can be stored, read and deleted.
func use(f Facts) (found string, all []Problem) {
	var p problems
	s := f.Store
	if s.Locked != "" {
		p.fault("use a bucket without a default retention: protection of recordings is this program's, not the bucket's",
			"the bucket refuses to delete anything for %s (object lock), so that anonymized recordings stay", s.Locked)
	}
	if s.Tried != nil {
		p.fault("grant reading, writing and deleting; for a bucket with old versions also s3:ListBucketVersions and "+
			"s3:DeleteObjectVersion; for a folder make room and check its owner", "%s", s.Tried)
	}
	if s.Kind == filestore.Folder && s.Open {
		p.warn("chmod 700 the folder", "other accounts of the machine may enter the folder with the recordings")
	}
	if s.Public {
		p.fault("remove the bucket's policy that lets everybody read", "everybody may read the recordings in the bucket")
	}
	if !s.WasTried {
		return "not tried: the store would keep something of it", p
	}
	return "a byte was stored, read and deleted", p
}

func storeCopies(f Facts) (found string, all []Problem) {
	var p problems
	if f.Store.Replicated {
		p.warn("replicate deletions and versions as well, or end the replication",
			"the bucket is replicated: recordings that are deleted here stay in the other bucket")
	}
	if f.Store.Versions {
		return "old versions are kept, and deleted with their recordings", p
	}
	return "none known", p
}

func room(f Facts) (found string, all []Problem) {
	var p problems
	free := f.Store.Free
	switch {
	case free == nil:
		return "not limited here", nil
	case *free < 256*mib:
		p.fault("make room: imports with recordings fail", "only %s are free for recordings", size(int64(*free)))
	case *free < 2*gib:
		p.warn("make room", "only %s are free for recordings", size(int64(*free)))
	}
	return size(int64(*free)) + " are free", p
}

// contents judges whether store and database agree. A database that was restored from a backup does not.
func contents(f Facts) (found string, all []Problem) {
	var p problems
	c := f.Contents
	switch {
	case !c.Compared:
		return "not compared: --recordings does so", nil
	case c.Err != nil:
		p.warn("give it more time with --time-limit, and look at the other checks", "the recordings could not be compared: %s", c.Err)
		return "", p
	}
	if c.Strays > 0 {
		p.fault("where the database was restored, follow docs/operations.md (Restore); else find out which program stored them",
			"%s in the store that no table names, and that nothing deletes", counted(c.Strays, "file"))
	}
	if c.Lost > 0 {
		p.fault("restore them, or anonymize their conversations: the Delete tool counts them as deleted then",
			"%s that the store does not have", counted(c.Lost, "recording"))
	}
	return counted(c.Files, "file") + ", as the database has them", p
}

// provider judges whether the identity provider can be asked, and is the one whose tokens are accepted.
func provider(f Facts) (found string, all []Problem) {
	var p problems
	issuer := f.Settings.Issuer
	if issuer == "" {
		p.fault("set --oidc-issuer (OIDC_ISSUER)", "no identity provider is named, and serve does not start without one")
		return "", p
	}
	if plainAbroad(issuer) {
		p.fault("use its https address", "the provider is asked over plain http: an attacker on the way could sign in as anybody")
	}
	switch got := f.Provider; {
	case got.Err != nil:
		p.fault("correct --oidc-issuer (OIDC_ISSUER), and let the servers reach it", "the provider at %s does not answer as one: %s",
			bare(issuer), cut(got.Err.Error()))
	case got.Issuer != issuer:
		p.fault("set --oidc-issuer to exactly that; a slash at the end counts",
			"the provider calls itself %s, and tokens say the same: with --oidc-issuer %s every token is refused", cut(got.Issuer),
			bare(issuer))
	}
	return bare(issuer), p
}

func keys(f Facts) (found string, all []Problem) {
	var p problems
	got := f.Provider
	if got.Usable == 0 {
		p.fault("let the provider sign with RS256, PS256, ES256 or EdDSA, and allow it in --oidc-algorithm where that is set",
			"of the provider's %s none signs with an accepted algorithm: every token is refused", counted(got.Keys, "key"))
	}
	if got.Challenges != nil && !slices.Contains(got.Challenges, "S256") {
		p.warn("switch PKCE with S256 on at the provider", "the provider does not offer PKCE with S256, which the console's sign-in uses")
	}
	return counted(got.Usable, "key") + " for signatures", p
}

func providerClock(f Facts) (string, []Problem) {
	if !f.Provider.HasClock {
		return "the provider shows no time", nil
	}
	return clock("the provider", f.Provider.Ahead, "tokens are refused as expired, or as not valid yet")
}

// signIn judges a token, where one was given.
func signIn(f Facts) (found string, all []Problem) {
	var p problems
	got := f.Provider
	switch {
	case !got.Tried:
		return "not tried: give a person's access token with --token FILE", nil
	case got.Refused != nil:
		p.fault(fixOf(got.Refused, f.Settings), "the token is refused: %s", got.Refused)
		return "", p
	case len(got.Roles) == 0:
		p.fault("give the person a role at the provider, and name the claim in --oidc-role-claim (or the client in --oidc-client)",
			"the token is accepted, and has none of the program's roles")
		return "", p
	case slices.Contains(got.Roles, auth.RoleInteractionsGroupView) && got.Groups == 0:
		p.warn("let the provider write groups into the token, and name the claim in --oidc-groups-claim",
			"the token's holder sees conversations of groups, and the token has no groups")
	case slices.Contains(got.Roles, auth.RoleInteractionsAgentView) && !got.Identified:
		p.warn("name the claim with the agent's id in --oidc-user-id-claim",
			"the token's holder sees own conversations, and the token has no user id")
	}
	names := make([]string, len(got.Roles))
	for i, role := range got.Roles {
		names[i] = string(role)
	}
	return "the token is accepted; roles " + strings.Join(names, ", "), p
}

// fixOf says what to do about a token that is refused.
func fixOf(err error, settings Settings) string {
	refusal, is := err.(*auth.Error)
	if !is {
		return "try again"
	}
	switch refusal.Reason {
	case auth.ReasonAudience:
		return "let the provider write " + settings.Audience + " into aud (Keycloak: an audience mapper), or set --oidc-audience"
	case auth.ReasonIssuer:
		return "set --oidc-issuer to the token's iss"
	case auth.ReasonClient:
		return "add the client to --oidc-authorized-party"
	case auth.ReasonMalformed:
		return "give the access token alone, and let the provider issue access tokens as JWTs"
	case auth.ReasonTokenType:
		return "give the access token, not the id token"
	case auth.ReasonExpired:
		return "give a fresh token"
	}
	return "compare the provider's settings with docs/keycloak.md, docs/entra.md or docs/hydra.md"
}

func service(f Facts) (found string, all []Problem) {
	var p problems
	s := f.Service
	if s.URL == "" {
		return "this program acts as the service", nil
	}
	if s.HasToken && plainAbroad(s.URL) {
		p.warn("use its https address", "the credential of the Interaction service travels over plain http")
	}
	if s.Err != nil {
		p.fault("correct INTERACTION_SERVICE_URL and INTERACTION_SERVICE_TOKEN; requests are kept until it takes them", "%s", s.Err)
	}
	return "it answers, and refuses an empty request", p
}

// settings judges the flags of serve that are about its clients.
func settings(f Facts) (found string, all []Problem) {
	var p problems
	s := f.Settings
	if address, err := url.Parse(s.PublicURL); s.PublicURL != "" && (err != nil || address.Host == "") {
		p.fault("give scheme and host, such as https://qm.example", "--public-url %s is no web address: no link to a recording works",
			bare(s.PublicURL))
	}
	if plainAbroad(s.PublicURL) {
		p.fault("put TLS before the servers, and give the https address",
			"--public-url is plain http: tokens, conversations and recordings can be read on the way")
	}
	for _, origin := range s.Origins {
		judgeOrigin(&p, "--allow-origin", origin)
	}
	for _, origin := range s.MediaOrigins {
		judgeOrigin(&p, "--console-media-origin", origin)
	}
	if s.OpenIntrospection || s.Suggestions {
		p.warn("set --introspection signed-in and leave --suggestions out", "strangers can read the schema of the API")
	}
	if s.Issuer != "" && s.Audience == s.ConsoleClient {
		p.warn("give the API an audience of its own", "--oidc-audience is the console's client, whose id tokens have it as well")
	}
	if s.Redirect && f.Store.Kind == filestore.Bucket && len(s.MediaOrigins) == 0 {
		p.warn("name the store's origin with --console-media-origin", "players are sent to the store, which the console may not load from")
	}
	if strings.HasPrefix(s.PublicURL, "https:") && !s.HSTS {
		p.warn("set --hsts 8760h, unless the proxy sends Strict-Transport-Security",
			"browsers are not kept from plain http (--hsts)")
	}
	return "sound", p
}

func judgeOrigin(p *problems, flag, origin string) {
	address, err := url.Parse(origin)
	switch {
	case strings.Contains(origin, "*"):
		p.fault("list the origins", "%s %s lets pages of anybody use the API", flag, origin)
	case err != nil || address.Host == "" || address.Path != "" || address.RawQuery != "":
		p.fault("give scheme and host alone, such as https://app.example, without a slash at the end",
			"%s %s is no origin, and matches none", flag, bare(origin))
	case plainAbroad(origin):
		p.warn("use its https origin", "%s %s is plain http: an attacker on the way could change its pages", flag, bare(origin))
	}
}

func limits(f Facts) (found string, all []Problem) {
	var p problems
	if off := f.Settings.Unlimited; len(off) > 0 {
		p.warn("leave the flag out, or give a number", "nothing bounds what one client can use up: %s = 0", short(off))
	}
	return "all are set", p
}

// plainAbroad reports whether an address is plain http and leads away from this machine.
func plainAbroad(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() != "localhost" && !strings.HasSuffix(u.Hostname(), ".localhost") && (ip == nil || !ip.IsLoopback())
}

// bare is an address without user, password and query.
func bare(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "(not an address)"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return cut(u.String())
}

// cut bounds a text that others gave.
func cut(text string) string {
	const most = 200
	if len(text) > most {
		text = text[:most] + "..."
	}
	return strings.Map(printable, text)
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}
