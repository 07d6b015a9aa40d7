package vcon

import (
	"slices"
	"strings"

	"qm-compliance/conversation"
)

// isWithheld reports whether a caller id says that there is none: what telephone systems write in place of a
// number that its owner or the network holds back.
func isWithheld(callerID string) bool {
	user, _, _ := strings.Cut(strings.ToLower(conversation.FoldDigits(callerID)), "@")
	words := strings.FieldsFunc(user, func(r rune) bool { return strings.ContainsRune(" \t-_.+()<>[]\"'", r) })
	says := slices.ContainsFunc(words, func(word string) bool { return slices.Contains(withheldWords(), word) })
	return says && !slices.ContainsFunc(words, func(word string) bool {
		return !slices.Contains(withheldWords(), word) && !slices.Contains(callerWords(), word)
	})
}

// withheldWords say that there is no number; some networks spell them in digits (266696687 is ANONYMOUS).
func withheldWords() []string {
	return []string{
		"anonymous", "restricted", "unknown", "unk", "unavailable", "private", "withheld", "blocked", "hidden",
		"suppressed", "concealed", "unallocated", "invalid", "none", "null", "nil", "undefined", "n/a", "no", "not", "out",
		"payphone", "266696687", "7378742833", "86282452253", "8656696",
		"anonym", "unbekannt", "unterdrückt", "privat", "anonymní", "neznámé", "neznámý", "skryté", "soukromé",
		"anonyme", "inconnu", "masqué", "privé", "anónimo", "desconocido", "privado", "oculto", "anonimo", "sconosciuto",
		"privato", "anônimo",
	}
}

// callerWords may stand beside withheldWords and say nothing else.
func callerWords() []string {
	return []string{
		"caller", "callerid", "id", "cid", "number", "call", "user", "name", "party", "available", "of", "area", "provided",
		"nummer", "rufnummer", "anrufer", "číslo", "numéro", "appel", "número", "numero",
	}
}
