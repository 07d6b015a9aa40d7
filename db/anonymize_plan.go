package db

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"qm-compliance/compliance"
)

// anonymizationPlan is what anonymizing a batch of conversations does to them in memory. The mutation carries it out, the preview shows it: what either of them
// decides is decided here and in targets, and nowhere else.
type anonymizationPlan struct {
	now       time.Time
	version   int
	selection compliance.Selection

	conversations []*Conversation
	ids           []int64
	// current tells which conversation stands for each id that was asked for.
	current map[int64]int64
	// counts says for each conversation how many values of each kind are overwritten.
	counts map[int64]map[string]int
}

// read finds the conversations with their segments and files.
func (p *anonymizationPlan) read(ctx context.Context, tx bun.Tx, access Access, ids []int64, lock rowLock) (err error) {
	if p.conversations, p.current, err = findConversations(ctx, tx, access, ids, lock); err != nil {
		return err
	}
	p.counts = map[int64]map[string]int{}
	for _, c := range p.conversations {
		p.ids, p.counts[c.ID] = append(p.ids, c.ID), map[string]int{}
	}
	return nil
}

// sort tells the ids that were found from those that were not.
func (p *anonymizationPlan) sort(ids []int64) Anonymized {
	result := Anonymized{SettingsVersion: p.version}
	for _, id := range ids {
		if p.current[id] != 0 {
			result.Done = append(result.Done, id)
		} else {
			result.Missing = append(result.Missing, id)
		}
	}
	return result
}

// disposition is what becomes of a file. A protection whose date has come is over, whether or not anybody has acted upon it yet.
func (p *anonymizationPlan) disposition(file *MediaFile) compliance.MediaDisposition {
	return p.selection.DispositionOf(file.Status, file.ProtectedAt(p.now))
}

// planFiles plans the files whose disposition that is, and returns them, and by conversation those of them whose protection so ended.
func (p *anonymizationPlan) planFiles() (planned []int64, expired map[int64][]int64) {
	expired = map[int64][]int64{}
	for _, c := range p.conversations {
		for _, file := range c.Media {
			if p.disposition(file) != compliance.DispositionPlanned {
				continue
			}
			if file.Protected {
				expired[c.ID] = append(expired[c.ID], file.ID)
			}
			file.unprotect()
			file.Status, file.PlannedAt = compliance.MediaPlanned, &p.now
			planned = append(planned, file.ID)
			p.counts[c.ID]["mediaFiles"]++
		}
	}
	return planned, expired
}

// mark brings a conversation up to date, and reports whether anything about it is new.
func (p *anonymizationPlan) mark(c *Conversation) bool {
	done := p.selection
	if before := c.Done(); before != nil {
		done = before.Union(p.selection)
		if before.Equal(done) && len(p.counts[c.ID]) == 0 {
			return false
		}
	}
	c.AnonymizedAt, c.SettingsVersion = &p.now, &p.version
	c.setDone(done)
	c.derive()
	return true
}
