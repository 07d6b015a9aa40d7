package vcon

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// bodyBytes is a body, decoded as its encoding says: base64url, json (JSON that stands in a string) or none.
func bodyBytes(o object) ([]byte, error) {
	encoding, err := o.text("encoding")
	if err != nil {
		return nil, err
	}
	switch body := o.members["body"].(type) {
	case nil:
		return nil, nil
	case string:
		switch strings.ToLower(encoding) {
		case "base64url", "base64":
			return decodeBase64(o.at("body"), body)
		case "json":
			var inner string
			if json.Unmarshal([]byte(body), &inner) == nil {
				return []byte(inner), nil
			}
		}
		return []byte(body), nil
	default:
		return []byte(jsonText(body)), nil
	}
}

// jsonBody is a body as JSON: as it stands, or what the text of it holds. A text that holds no JSON is a
// string.
func jsonBody(o object, limits *bounds) (any, error) {
	if _, isText := o.members["body"].(string); !isText {
		return o.members["body"], nil
	}
	content, err := bodyBytes(o)
	if err != nil {
		return nil, err
	}
	text := storable(content)
	encoding, _ := o.text("encoding")
	trimmed := strings.TrimSpace(text)
	looksJSON := strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[")
	if strings.EqualFold(encoding, "json") || looksJSON {
		value, err := limits.value([]byte(trimmed))
		if limits.left < 0 {
			return nil, limits.tooMany(o.at("body"))
		}
		if err == nil {
			return value, nil
		}
	}
	return text, nil
}

// decodeBase64 takes either alphabet, with or without padding and line breaks.
func decodeBase64(path, text string) ([]byte, error) {
	if strings.ContainsAny(text, "+/=\r\n\t ") {
		text = strings.NewReplacer("+", "-", "/", "_", "\n", "", "\r", "", "\t", "", " ", "").Replace(text)
		text = strings.TrimRight(text, "=")
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, wrong(path, "is not base64url, as its encoding says")
	}
	return raw, nil
}

// storable makes text of bytes that may be none: PostgreSQL stores valid UTF-8 without the character NUL.
func storable(raw []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(raw), "\uFFFD"), "\x00", "")
}

// jsonText is a value as JSON, on one line.
func jsonText(value any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return ""
	}
	return strings.TrimSuffix(text.String(), "\n")
}
