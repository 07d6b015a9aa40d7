package vcon

import (
	"crypto"
	"errors"

	"github.com/go-jose/go-jose/v4"

	"qm-compliance/conversation"
)

// isSigned tells a signed vCon: a JSON Web Signature whose payload is the vCon.
func isSigned(members map[string]any) bool {
	return members["payload"] != nil && (members["signatures"] != nil || members["signature"] != nil)
}

// signatureAlgorithms are those with a public key; what a public key could be abused for as a shared secret
// is not among them.
func signatureAlgorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{
		jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
	}
}

// openSigned takes the vCon out of its signature, which is verified where there are keys.
func openSigned(data []byte, members map[string]any, keys []crypto.PublicKey, limits *bounds) (map[string]any, conversation.Signature, error) {
	text, ok := members["payload"].(string)
	if !ok {
		return nil, conversation.Unsigned, wrong("payload", "is %s; the vCon in base64url is needed", kindOf(members["payload"]))
	}
	payload, err := decodeBase64("payload", text)
	if err != nil {
		return nil, conversation.Unsigned, err
	}
	signature := conversation.NotVerified
	if len(keys) > 0 {
		if payload, err = verified(data, keys); err != nil {
			return nil, conversation.Unsigned, err
		}
		signature = conversation.Verified
	}
	opened, err := limits.document(payload)
	if inner := (*Error)(nil); errors.As(err, &inner) {
		err = inner.under("payload")
	}
	return opened, signature, err
}

// verified returns the payload that one of the keys vouches for.
func verified(data []byte, keys []crypto.PublicKey) ([]byte, error) {
	signed, err := jose.ParseSignedJSON(string(data), signatureAlgorithms())
	if err != nil {
		return nil, wrong("signatures", "cannot be checked: no JSON Web Signature with an accepted algorithm")
	}
	for _, key := range keys {
		if _, _, payload, err := signed.VerifyMulti(key); err == nil {
			return payload, nil
		}
	}
	return nil, wrong("signatures", "none of them was made with a key that is trusted here")
}
