package auth

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// What is remembered ends with the minute or with the token, and with whatever ends all.
func TestMemory(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for name, row := range map[string]struct {
		ends, asked time.Duration
		found       bool
	}{
		"at once":                        {time.Hour, 0, true},
		"within the minute":              {time.Hour, 59 * time.Second, true},
		"after the minute":               {time.Hour, time.Minute, false},
		"before the end of the token":    {10 * time.Second, 9 * time.Second, true},
		"at the end of the token":        {10 * time.Second, 10 * time.Second, false},
		"after the end of the token":     {10 * time.Second, 11 * time.Second, false},
		"a token that ends with another": {time.Minute, time.Minute, false},
	} {
		m, viewer := newMemory(), &Viewer{ExpiresAt: now.Add(row.ends)}
		_, epoch := m.find("token", now)
		m.remember(epoch, "token", viewer, now)
		found, _ := m.find("token", now.Add(row.asked))
		if (found == viewer) != row.found || (found != nil) != row.found {
			t.Errorf("%s: %v", name, found)
		}
		if other, _ := m.find("tokem", now); other != nil {
			t.Errorf("%s: another token is found", name)
		}
		if !row.found && (m.bytes != 0 || m.tokens.Len() != 0) {
			t.Errorf("%s: %d bytes are still kept", name, m.bytes)
		}
	}
}

func TestMemoryForgets(t *testing.T) {
	t.Parallel()
	now, m := time.Now(), newMemory()
	viewer := &Viewer{ExpiresAt: now.Add(time.Hour)}
	_, before := m.find("late", now)
	m.remember(before, "early", viewer, now)
	m.forget()
	m.remember(before, "late", viewer, now) // it was checked with the keys of before
	for _, token := range []string{"early", "late"} {
		if found, _ := m.find(token, now); found != nil {
			t.Errorf("%s is still remembered", token)
		}
	}
	_, after := m.find("new", now)
	m.remember(after, "new", viewer, now)
	if found, _ := m.find("new", now); found != viewer || m.bytes != len("new") {
		t.Errorf("%v, %d bytes", found, m.bytes)
	}
}

// Neither many tokens nor long ones nor the same one again and again take more than they may; the latest
// stay.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	now := time.Now()
	viewer := &Viewer{ExpiresAt: now.Add(time.Hour)}
	for name, row := range map[string]struct {
		count, length, kept int
		token               func(int) string
	}{
		"short": {3 * maxRemembered, 20, maxRemembered, func(i int) string { return fmt.Sprintf("%020d", i) }},
		"long": {1500, maxToken, maxRememberedBytes / maxToken,
			func(i int) string { return fmt.Sprintf("%020d", i) + strings.Repeat("x", maxToken-20) }},
		"one": {1500, maxToken, 1, func(int) string { return strings.Repeat("x", maxToken) }},
	} {
		m := newMemory()
		for i := range row.count {
			m.remember(0, row.token(i), viewer, now)
		}
		if m.tokens.Len() != row.kept || m.bytes != row.kept*row.length {
			t.Errorf("%s: %d tokens, %d bytes", name, m.tokens.Len(), m.bytes)
		}
		if found, _ := m.find(row.token(row.count-1), now); found != viewer {
			t.Errorf("%s: the last is forgotten", name)
		}
	}
}

// Finding whom a token signs in allocates what its hash takes: the bytes of the token.
func TestAllocationsOfRememberedTokens(t *testing.T) {
	m, now := newMemory(), time.Now()
	token := strings.Repeat("x", 1200)
	m.remember(0, token, &Viewer{ExpiresAt: now.Add(time.Hour)}, now)
	if got := testing.AllocsPerRun(100, func() { m.find(token, now) }); got > 1 {
		t.Errorf("%.0f allocations", got)
	}
}

// Run it with -cpu 1,2: many who ask at once wait little for each other.
func BenchmarkRememberedTokens(b *testing.B) {
	m, now := newMemory(), time.Now()
	tokens := make([]string, 100)
	for i := range tokens {
		tokens[i] = fmt.Sprintf("%01200d", i)
		m.remember(0, tokens[i], &Viewer{ExpiresAt: now.Add(time.Hour)}, now)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			if found, _ := m.find(tokens[i%len(tokens)], now); found == nil {
				b.Error("a token is forgotten")
			}
		}
	})
}
