package httpserver

import (
	"context"

	"qm-compliance/auth"
	"qm-compliance/console"
	"qm-compliance/graph/graphiql"
)

// SignIn is how people sign in: DemoSignIn or ProviderSignIn.
type SignIn struct {
	verify func(ctx context.Context, token string) (*auth.Viewer, error)
	ready  func(ctx context.Context) bool // whether tokens can be checked
	// outdated reports whether a newer token has come of whom a link was made for, with other roles.
	outdated func(auth.Sight) bool
	// onAccepted has a function called with whom a token signs in that was checked.
	onAccepted func(func(context.Context, *auth.Viewer))
	demo       *auth.DemoIssuer // nil with a provider
	oidc       *console.OIDC    // nil in the demo
}

// DemoSignIn lets anybody sign in as one of the demo's people.
func DemoSignIn(issuer *auth.DemoIssuer) SignIn {
	verifier := issuer.Verifier()
	return SignIn{
		verify: verifier.Verify, ready: verifier.Ready, outdated: verifier.Outdated, onAccepted: verifier.OnAccepted,
		demo: issuer,
	}
}

// ProviderSignIn accepts the tokens of an OpenID Connect provider, at which the web console signs people in
// as client. The server is not ready before the verifier is.
func ProviderSignIn(verifier *auth.Verifier, client console.OIDC) SignIn {
	return SignIn{
		verify: verifier.Verify, ready: verifier.Ready, outdated: verifier.Outdated, onAccepted: verifier.OnAccepted,
		oidc: &client,
	}
}

// explorerConfig is how people sign in to GraphiQL: by picking one of the demo's people, or with a token that
// they have.
func explorerConfig(signIn SignIn) graphiql.Config {
	config := graphiql.Config{Endpoint: "/graphql"}
	if signIn.demo == nil {
		return config
	}
	config.TokenURL = auth.DemoTokenPath
	for _, person := range auth.DemoPeople() {
		config.People = append(config.People,
			graphiql.Person{Key: person.Key, Name: person.Name, Title: person.Title})
	}
	return config
}

// consoleConfig is how people sign in to the web console, and where it plays recordings from.
func consoleConfig(o Options) console.Config {
	config := console.Config{OIDC: o.SignIn.oidc, MediaOrigins: append([]string{o.PublicURL}, o.MediaOrigins...)}
	if o.SignIn.demo == nil {
		return config
	}
	config.Demo = &console.Demo{TokenURL: auth.DemoTokenPath}
	for _, person := range auth.DemoPeople() {
		config.Demo.People = append(config.Demo.People,
			console.Person{Key: person.Key, Name: person.Name, Title: person.Title})
	}
	return config
}
