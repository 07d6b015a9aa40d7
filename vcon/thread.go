package vcon

import (
	"slices"
	"strings"
)

// threadsOf groups mails by what ties them: that one answers another, that both answer the same, or that
// their subjects are the same but for what answering and forwarding puts in front. Threads, and the mails of
// one, stay in the order in which they stand in the vCon.
func threadsOf(mails []*mail) [][]*mail {
	first := make([]int, len(mails)) // of each mail, an earlier one of the same thread, or itself
	holder := map[string]int{}       // of each tie, the first mail that has it
	root := func(i int) int {
		for first[i] != i {
			first[i] = first[first[i]]
			i = first[i]
		}
		return i
	}
	for i, m := range mails {
		first[i] = i
		for _, tie := range m.ties() {
			if _, known := holder[tie]; !known {
				holder[tie] = i
			}
			a, b := root(i), root(holder[tie])
			first[max(a, b)] = min(a, b)
		}
	}
	return gather(mails, root)
}

func gather(mails []*mail, root func(int) int) [][]*mail {
	var threads [][]*mail
	place := map[int]int{}
	for i, m := range mails {
		at, known := place[root(i)]
		if !known {
			at = len(threads)
			place[root(i)] = at
			threads = append(threads, nil)
		}
		threads[at] = append(threads[at], m)
	}
	return threads
}

// ties are what a mail shares with the others of its thread.
func (m *mail) ties() []string {
	ties := []string{"subject " + threadSubject(m.subject)}
	for _, id := range append(m.replies, m.id) {
		if id != "" {
			ties = append(ties, "id "+id)
		}
	}
	return ties
}

// take reads Message-IDs out of a header or a member: the mail's own, or those that it answers.
func (m *mail) take(own bool, header string) {
	for _, id := range strings.FieldsFunc(header, func(r rune) bool { return strings.ContainsRune("<>, \t\r\n", r) }) {
		switch {
		case own && m.id == "":
			m.id = id
		case !own:
			m.replies = append(m.replies, id)
		}
	}
}

// threadSubject leaves out what mail programs put in front of a subject, in the languages that are common.
func threadSubject(subject string) string {
	subject = strings.ToLower(strings.TrimSpace(subject))
	for {
		prefix, rest, found := strings.Cut(subject, ":")
		prefix, _, _ = strings.Cut(strings.TrimSpace(prefix), "[")
		if !found || !slices.Contains([]string{"re", "fw", "fwd", "aw", "wg", "sv", "vs", "odp", "tr", "rv", "ant"}, prefix) {
			return strings.Join(strings.Fields(subject), " ")
		}
		subject = strings.TrimSpace(rest)
	}
}
