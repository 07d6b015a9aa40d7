package vcon

import (
	"bytes"
	"crypto"
	"encoding/json"
	"errors"
	"strings"

	"github.com/go-jose/go-jose/v4"

	"qm-compliance/conversation"
)

// maxSignatures bounds how often a vCon may be signed over, each time with the one before as the payload.
const maxSignatures = 8

// isSigned reports whether a document is a signed vCon: a JSON Web Signature whose payload is the vCon.
func isSigned(members map[string]any) bool {
	return members["payload"] != nil && (members["signatures"] != nil || members["signature"] != nil)
}

// isCompact reports whether a document may be a JSON Web Signature in the compact serialisation: three parts in
// base64url, of which the first is a JSON object.
func isCompact(data []byte) bool {
	data = bytes.TrimSpace(data)
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
	return bytes.HasPrefix(data, []byte("ey")) && bytes.Count(data, []byte(".")) == 2 &&
		len(bytes.Trim(data, alphabet)) == 0
}

// fromCompact makes the JSON serialisation of a signature in the compact one.
func fromCompact(data []byte) []byte {
	parts := strings.Split(string(bytes.TrimSpace(data)), ".")
	signed, _ := json.Marshal(map[string]string{"protected": parts[0], "payload": parts[1], "signature": parts[2]})
	return signed
}

// signatureAlgorithms are those with a public key. A shared secret is not among them: a public key could pass
// for one.
func signatureAlgorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{
		jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512,
		jose.EdDSA,
	}
}

// open decodes a document, and takes the vCon out of its signatures, however many are around each other. One
// that is made with a trusted key vouches for all that is in it.
func open(data []byte, keys []crypto.PublicKey, limits *bounds) (
	members map[string]any, signature conversation.Signature, err error,
) {
	signature = conversation.Unsigned
	var unverified error
	for layer := 0; ; layer++ {
		if isCompact(data) {
			data = fromCompact(data)
		}
		if members, err = limits.document(data); err != nil {
			return nil, "", inside(err, layer)
		}
		if !isSigned(members) {
			break
		}
		if layer == maxSignatures {
			return nil, "", inside(wrong("", "is signed over more than %d times", maxSignatures), layer)
		}
		payload, err := payloadOf(members)
		if err != nil {
			return nil, "", inside(err, layer)
		}
		if signature == conversation.Unsigned {
			signature = conversation.NotVerified
		}
		if err := verify(data, keys); err == nil {
			signature = conversation.Verified
		} else if unverified == nil {
			unverified = inside(err, layer)
		}
		data = payload
	}
	if signature == conversation.NotVerified && len(keys) > 0 {
		return nil, "", unverified
	}
	return members, signature, nil
}

// inside says that an error is in so many payloads.
func inside(err error, layers int) error {
	if place, is := errors.AsType[*Error](err); is {
		for range layers {
			place = place.under("payload")
		}
		return place
	}
	return err
}

func payloadOf(members map[string]any) ([]byte, error) {
	text, ok := members["payload"].(string)
	if !ok {
		return nil, wrong("payload", "is %s; the vCon in base64url is needed", kindOf(members["payload"]))
	}
	return decodeBase64("payload", text)
}

// verify looks for a signature that one of the keys made; where there is no key none is.
func verify(data []byte, keys []crypto.PublicKey) error {
	signed, err := jose.ParseSignedJSON(string(data), signatureAlgorithms())
	if err != nil {
		return wrong("signatures", "cannot be checked: no JSON Web Signature with an accepted algorithm")
	}
	for _, key := range keys {
		if _, _, _, err := signed.VerifyMulti(key); err == nil {
			return nil
		}
	}
	return wrong("signatures", "none of them was made with a trusted key")
}
