package compliance

// Outcome is what anonymizing makes of one conversation.
type Outcome struct {
	// Unchanged says that it is wholly anonymized already: all that is switched on was done, and nothing is left to do.
	Unchanged bool
	Effect    Effect
	// Before and After say why the conversation can be reviewed; ReasonAnonymized stands for one that cannot.
	Before, After Reason
}

// EndsReview reports whether the conversation can be reviewed before, and no longer afterwards.
func (o Outcome) EndsReview() bool {
	return o.Before.Reviewable() && !o.After.Reviewable()
}

// Tally adds up the outcomes of several conversations.
type Tally struct {
	Conversations, Unchanged int
	Effect                   Effect
	// Ends counts the conversations that stop being reviewable, Ended those that were no longer reviewable before.
	Ends, Ended int
	// Stays counts the others by the reason why they stay reviewable.
	Stays map[Reason]int
}

// TallyOf adds outcomes up. Each conversation is counted once: under Ends, under Ended, or under one reason of Stays.
func TallyOf(outcomes []Outcome) Tally {
	tally := Tally{Conversations: len(outcomes), Effect: NewEffect(), Stays: map[Reason]int{}}
	for _, outcome := range outcomes {
		tally.add(outcome)
	}
	return tally
}

func (t *Tally) add(outcome Outcome) {
	t.Effect.Add(outcome.Effect)
	if outcome.Unchanged {
		t.Unchanged++
	}
	switch {
	case outcome.EndsReview():
		t.Ends++
	case !outcome.After.Reviewable():
		t.Ended++
	default:
		t.Stays[outcome.After]++
	}
}
