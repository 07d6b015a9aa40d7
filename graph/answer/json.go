package answer

import (
	"strconv"
	"time"
)

// What follows writes, to the byte, as the marshalers of gqlgen do.

func appendTime(b []byte, instant time.Time) []byte {
	b = append(b, '"')
	b = instant.AppendFormat(b, time.RFC3339Nano)
	return append(b, '"')
}

func appendFloat(b []byte, number float64) []byte { return strconv.AppendFloat(b, number, 'g', -1, 64) }

func appendStrings[S ~string](b []byte, values []S) []byte {
	b = append(b, '[')
	for i, value := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, string(value))
	}
	return append(b, ']')
}

const hexDigits = "0123456789ABCDEF"

// appendString escapes quotes, backslashes and control characters; all other bytes stay as they are.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
		}
	}
	b = append(b, s[from:]...)
	return append(b, '"')
}
