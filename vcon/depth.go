package vcon

// checkDepth counts brackets before anything is built of them, so that a document cannot exhaust the stack.
func checkDepth(data []byte, most int) *Error {
	depth, inString := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > most {
				return wrong("", "the document is nested more than %d levels deep", most)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}
