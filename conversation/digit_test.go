package conversation_test

import (
	"testing"
	"unicode"

	"qm-compliance/conversation"
)

// Every decimal digit that Unicode knows is folded; the sets have ten digits each, on which the folding rests.
func TestFoldDigits(t *testing.T) {
	t.Parallel()
	count := 0
	check := func(low, high, stride rune) {
		if stride != 1 || (high-low+1)%10 != 0 {
			t.Errorf("the digits from %U to %U are no sets of ten", low, high)
		}
		for r := low; r <= high; r++ {
			count++
			want := string('0' + (r-low)%10)
			if got := conversation.FoldDigits(string(r)); got != want {
				t.Errorf("%U is folded to %q, want %q", r, got, want)
			}
		}
	}
	for _, set := range unicode.Nd.R16 {
		check(rune(set.Lo), rune(set.Hi), rune(set.Stride))
	}
	for _, set := range unicode.Nd.R32 {
		check(rune(set.Lo), rune(set.Hi), rune(set.Stride))
	}
	if count < 600 {
		t.Errorf("Unicode has only %d decimal digits", count)
	}
	for text, want := range map[string]string{
		"+420 777":                   "+420 777",
		"＋４２０（７７７）":                  "+420(777)",
		"٠٧٧٧ ۱۲۳":                   "0777 123",
		"7\u200b7\u00ad7":            "777",
		"4\ufe0f\u20e32\ufe0f\u20e3": "42",
		"420‑777–888":                "420-777-888",
		"ada＠example":                "ada@example",
		"JÖRG Ａｄａ ½ ①":               "JÖRG Ａｄａ ½ ①",
	} {
		if got := conversation.FoldDigits(text); got != want {
			t.Errorf("%q is folded to %q, want %q", text, got, want)
		}
	}
	if got := conversation.Digits("+٤٢٠ (777) a-８"); got != "4207778" {
		t.Errorf("the digits are %q", got)
	}
}
