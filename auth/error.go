package auth

// Reason says why nobody is signed in.
type Reason string

// The reasons.
const (
	ReasonMissing     Reason = "missing"
	ReasonMalformed   Reason = "malformed"
	ReasonAlgorithm   Reason = "algorithm"
	ReasonSignature   Reason = "signature"
	ReasonIssuer      Reason = "issuer"
	ReasonAudience    Reason = "audience"
	ReasonClient      Reason = "client"
	ReasonExpired     Reason = "expired"
	ReasonNotYetValid Reason = "not yet valid"
	ReasonTokenType   Reason = "token type"
	ReasonUnavailable Reason = "unavailable"
)

// Error says why nobody is signed in and what to do. It holds nothing of the token.
type Error struct {
	Reason Reason
}

func refuse(reason Reason) *Error { return &Error{Reason: reason} }

// Error returns the message for the user.
func (e *Error) Error() string {
	switch e.Reason {
	case ReasonMissing:
		return "you are not signed in; send an access token as Authorization: Bearer TOKEN"
	case ReasonMalformed:
		return "the access token is not a signed JWT; send the token as the identity provider issued it, as Authorization: Bearer TOKEN"
	case ReasonAlgorithm:
		return "the access token is not signed with an accepted algorithm; an asymmetric one such as RS256 or ES256 is needed"
	case ReasonSignature:
		return "the signature of the access token is not the identity provider's; sign in again"
	case ReasonIssuer:
		return "the access token was issued by another identity provider; sign in at the one that this server trusts"
	case ReasonAudience:
		return "the access token is not meant for this server; its audience has to name it"
	case ReasonClient:
		return "the access token was issued to another client; sign in through the one that this server is set up for"
	case ReasonExpired:
		return "the access token has expired; sign in again"
	case ReasonNotYetValid:
		return "the access token is not valid yet; check the clocks of this server and of the identity provider"
	case ReasonTokenType:
		return "the token is not an access token; send the access token, not the id token or the refresh token"
	}
	return "the identity provider cannot be reached to check the access token; try again"
}
