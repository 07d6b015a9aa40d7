package demo

import "math/rand/v2"

// seed makes the demo data what they are; another one would make others.
const seed = 0x48414c44454e

// kind is the make-up of a conversation.
type kind int

// The kinds of demo conversations.
const (
	callRecorded kind = iota
	callScreen
	callUnrecorded
	emailThread
	chat
	callThenEmail
	chatThenCall
)

// slot is the place of one conversation in the demo: its kind, and the how manieth of that kind it is, from zero.
type slot struct {
	kind kind
	nth  int
}

// mix says how many conversations there are of each kind; the sum is Count.
func mix() []int {
	return []int{callRecorded: 98, callScreen: 30, callUnrecorded: 30, emailThread: 60, chat: 60, callThenEmail: 15, chatThenCall: 15}
}

// plan returns the slots of all conversations, mixed. The last one, which is the newest, is a recorded call: other kinds may
// begin a day before they end, and the newest is to begin shortly before the base time.
func plan() []slot {
	var slots []slot
	for k, n := range mix() {
		for nth := range n {
			slots = append(slots, slot{kind(k), nth})
		}
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	rest := slots[1:]
	rng.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	return append(rest, slots[0])
}
