package demo

import (
	"fmt"
	"strings"
)

// phone is a telephone number out of a range that is set aside for fiction.
type phone struct {
	// tel is the number as a vCon's party has it; shown the way people write it; spoken digit by digit, in words.
	tel, shown, spoken string
}

// customerPhone returns the number of customer k, a different one for each k from 0 to 499.
func customerPhone(k int) phone {
	n := (k*37 + 11) % 1000
	switch k % 5 {
	case 0, 1:
		return newPhone("+44", fmt.Sprintf("07700 900%03d", n))
	case 2:
		return newPhone("+44", fmt.Sprintf("020 7946 0%03d", n))
	case 3:
		return newPhone("+44", fmt.Sprintf("0113 496 0%03d", n))
	default:
		return newPhone("+1", fmt.Sprintf("202-555-01%02d", k/5%100))
	}
}

// workPhone returns the second number of customer k, a different one for each k from 0 to 999.
func workPhone(k int) phone {
	return newPhone("+44", fmt.Sprintf("01632 960%03d", (k*53+7)%1000))
}

func newPhone(country, shown string) phone {
	groups := strings.FieldsFunc(shown, func(r rune) bool { return r == ' ' || r == '-' })
	digits := strings.Join(groups, "")
	for i, group := range groups {
		groups[i] = spell(group)
	}
	return phone{country + strings.TrimPrefix(digits, "0"), shown, strings.Join(groups, ", ")}
}

// ending returns the last four digits.
func (p phone) ending() string { return p.tel[len(p.tel)-4:] }

// spell says digits one by one, and leaves out everything else.
func spell(digits string) string {
	names := []string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
	var words []string
	for _, r := range digits {
		if r >= '0' && r <= '9' {
			words = append(words, names[r-'0'])
		}
	}
	return strings.Join(words, " ")
}
