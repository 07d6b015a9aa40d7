package vcon_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"qm-compliance/conversation"
	"qm-compliance/vcon"
)

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// sign makes a signed vCon in the general or the flattened serialisation: with one signature the library
// writes the latter.
func sign(t *testing.T, payload string, keys ...*ecdsa.PrivateKey) string {
	t.Helper()
	var all []jose.SigningKey
	for _, key := range keys {
		all = append(all, jose.SigningKey{Algorithm: jose.ES256, Key: key})
	}
	signer, err := jose.NewMultiSigner(all, nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	return signed.FullSerialize()
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	ours, theirs, unknown := newKey(t), newKey(t), newKey(t)
	one, two := sign(t, document(hello), ours), sign(t, document(hello), theirs, ours)
	for name, row := range map[string]struct {
		text string
		keys []crypto.PublicKey
		want conversation.Signature
		err  string
	}{
		"no key":        {one, nil, conversation.NotVerified, ""},
		"the right key": {one, []crypto.PublicKey{ours.Public()}, conversation.Verified, ""},
		"one of the keys": {one, []crypto.PublicKey{unknown.Public(), ours.Public()},
			conversation.Verified, ""},
		"one of the signatures": {two, []crypto.PublicKey{ours.Public()}, conversation.Verified, ""},
		"two, no key":           {two, nil, conversation.NotVerified, ""},
		"not signed, but a key": {document(hello), []crypto.PublicKey{ours.Public()}, conversation.Unsigned, ""},
		"another key": {one, []crypto.PublicKey{unknown.Public()}, "",
			"signatures: none of them was made with a trusted key"},
		"another payload": {otherPayload(t, one), []crypto.PublicKey{ours.Public()}, "",
			"signatures: none of them"},
		"no algorithm": {strings.Replace(one, `"protected":"`,
			`"protected":"eyJhbGciOiJub25lIn0","x":"`, 1), []crypto.PublicKey{ours.Public()}, "",
			"signatures: cannot be checked"},
		"wrong inside": {sign(t, document(hello, `"x": 1, "x": 2`), ours), nil, "",
			"payload.x: is given twice"},
		"wrong place inside": {sign(t, document(`{"type": "smoke"}`), ours), nil, "",
			"dialog[0].type: is not"},
		"a payload that is none": {`{"payload": "%", "signatures": []}`, nil, "", "payload: is not base64url"},
		"a payload that is a list": {`{"payload": [], "signatures": []}`, nil, "",
			"payload: is a list; the vCon in base64url is needed"},
		"an empty payload": {`{"payload": "", "signatures": []}`, nil, "",
			"payload: the document is empty"},
		"encrypted inside": {sign(t, `{"ciphertext": "x"}`, ours), nil, "",
			"ciphertext: the vCon is encrypted"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := vcon.Parse([]byte(row.text), vcon.Options{Keys: row.keys})
			switch {
			case row.err == "" && (err != nil || c.Signature != row.want || len(c.Segments) != 1):
				t.Errorf("%+v, %v; want %s", c, err, row.want)
			case row.err != "" && (err == nil || !strings.HasPrefix(err.Error(), row.err)):
				t.Errorf("%v, want %s", err, row.err)
			}
		})
	}
}

func otherPayload(t *testing.T, signed string) string {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal([]byte(signed), &members); err != nil {
		t.Fatal(err)
	}
	members["payload"] = base64.RawURLEncoding.EncodeToString([]byte(document(hello + "," + hello)))
	changed, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return string(changed)
}

// The working group's signed example is verified with the key of the certificate that it carries, and with no
// other.
func TestTheSignedSample(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join(sampleFolder(t, "email-and-standard"),
		"ab_call_ext_rec_signed.vcon"))
	if err != nil {
		t.Fatal(err)
	}
	var sample struct {
		Signatures []struct{ Header struct{ X5C []string } }
	}
	if err := json.Unmarshal(content, &sample); err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(sample.Signatures[0].Header.X5C[0])
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := vcon.Parse(content,
		vcon.Options{Keys: []crypto.PublicKey{certificate.PublicKey}}); err != nil ||
		c.Signature != conversation.Verified {
		t.Errorf("with the signer's key: %v", err)
	}
	if _, err := vcon.Parse(content, vcon.Options{Keys: []crypto.PublicKey{newKey(t).Public()}}); err == nil {
		t.Error("with another key it comes in")
	}
}
