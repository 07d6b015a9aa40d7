package graph

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// TrustedDocuments are the only documents that a server runs which has them, so that nobody can ask for
// anything that its own apps do not.
type TrustedDocuments struct {
	byID map[string]string
}

// LoadTrustedDocuments reads the files *.graphql of a folder and of those below it. A document is named by
// its path without the ending, and by the SHA-256 of its bytes, in hexadecimal digits, alone or after
// "sha256:". It fails where there is none.
func LoadTrustedDocuments(folder fs.FS) (*TrustedDocuments, error) {
	documents := &TrustedDocuments{byID: map[string]string{}}
	err := fs.WalkDir(folder, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".graphql" {
			return err
		}
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return err
		}
		documents.byID[strings.TrimSuffix(name, ".graphql")] = string(text)
		documents.byID[hashOf(string(text))] = string(text)
		return nil
	})
	if err == nil && len(documents.byID) == 0 {
		err = fmt.Errorf("there are no trusted documents; give a folder with *.graphql files")
	}
	return documents, err
}

func (d *TrustedDocuments) find(id string) (text string, found bool) {
	text, found = d.byID[strings.TrimPrefix(id, "sha256:")]
	return text, found
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// hash is that of the document that the request means, as clients of automatic persisted queries send it; ""
// where there is none.
func (q *request) hash() (string, *gqlerror.Error) {
	extension, given := q.extensions["persistedQuery"]
	if !given || extension == nil {
		return "", nil
	}
	members, _ := extension.(map[string]any)
	hash, _ := members["sha256Hash"].(string)
	if version, ok := members["version"].(json.Number); !ok || version != "1" || len(hash) != hex.EncodedLen(sha256.Size) {
		return "", coded(codeInvalid, `extensions.persistedQuery is not {"version": 1, "sha256Hash": "..."}`)
	}
	return strings.ToLower(hash), nil
}

// persisted finds the documents that are not sent whole: trusted ones, or those that somebody has sent before
// (automatic persisted queries).
type persisted struct {
	trusted *TrustedDocuments
	// sent are kept within a bound of bytes; nil where the server keeps none.
	sent *byteCache[string]
}

func newPersisted(options Options) persisted {
	p := persisted{trusted: options.TrustedDocuments}
	if options.PersistedQueries && p.trusted == nil {
		p.sent = newByteCache[string](options.Limits.PersistedBytes)
	}
	return p
}

// find puts the document that is meant into the request, and returns the hash under which it is to be kept
// once it has proven valid, "" for none.
func (p persisted) find(asked *request) (keep string, refused *gqlerror.Error) {
	hash, refused := asked.hash()
	switch {
	case refused != nil:
		return "", refused
	case p.trusted != nil:
		return "", p.findTrusted(asked, hash)
	case asked.documentID != "":
		return "", coded(codeInvalid, "this server has no documents by documentId; send the document in query")
	case hash == "":
		return "", nil
	case p.sent == nil && asked.query == "":
		return "", coded(codeNotPersisting, "PersistedQueryNotSupported")
	case p.sent == nil:
		return "", nil
	case asked.query == "":
		text, found := p.sent.get(hash)
		if !found {
			return "", coded(codeNotPersisted, "PersistedQueryNotFound")
		}
		asked.query = text
		return "", nil
	case hashOf(asked.query) != hash:
		return "", coded(codeInvalid, "extensions.persistedQuery has another hash than the document in query")
	}
	return hash, nil
}

// findTrusted accepts a document that is sent whole where it is one of the trusted ones.
func (p persisted) findTrusted(asked *request, hash string) *gqlerror.Error {
	id := asked.documentID
	if id == "" {
		id = hash
	}
	if id == "" {
		id = hashOf(asked.query)
	}
	text, found := p.trusted.find(id)
	if !found || (asked.query != "" && asked.query != text) {
		return coded(codeInvalid, "this server runs trusted documents only, and this is not one of them")
	}
	asked.query = text
	return nil
}

func (p persisted) keep(hash, text string) {
	if hash != "" {
		p.sent.add(hash, text, len(hash)+len(text))
	}
}
