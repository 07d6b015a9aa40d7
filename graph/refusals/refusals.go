// Package refusals audits what is refused without letting anybody fill the audit log, from which nothing can
// be deleted. It adds the refusals of a minute up: each person's for an operation into one event, everybody
// else's into one event an address.
package refusals

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"qm-compliance/audit"
	"qm-compliance/auth"
	"qm-compliance/db"
)

const (
	// period is how long refusals are added up.
	period = time.Minute
	// maxAddresses is how many events a period has at most for those who are not signed in, the last of them
	// for all further addresses.
	maxAddresses = 10
	// maxPersons is how many pairs of a person and an operation are distinguished in a period; all further ones
	// share an event.
	maxPersons = 1000
	// recordTimeout is how long the audit log may take, whether or not the one who was refused still waits.
	recordTimeout = 5 * time.Second
)

// Options are what a Log needs.
type Options struct {
	// Record writes an event to the audit log; it is db.Store's.
	Record func(ctx context.Context, op audit.Operation, event audit.Event) error
	Logger *slog.Logger
}

// Log takes refusals and writes them to the audit log. It is safe for concurrent use.
type Log struct {
	options Options

	mu                 sync.Mutex
	persons, addresses tally
}

// New makes a Log. Run must run for its events to be written.
func New(options Options) *Log {
	l := &Log{options: options}
	l.persons, l.addresses = newTallies()
	return l
}

func newTallies() (persons, addresses tally) {
	return newTally(maxPersons, "several people"), newTally(maxAddresses, fromAddress("several addresses"))
}

// Person takes a refusal of somebody who is signed in. The first of an operation in a minute is written
// before it returns, further ones are counted.
func (l *Log) Person(ctx context.Context, viewer *auth.Viewer, operation string, code audit.Code) {
	refused := event{audit.Actor{ID: viewer.Subject, Name: viewer.Name}, operation, code}
	l.mu.Lock()
	first := l.persons.begin(refused)
	if !first {
		l.persons.add(refused, 1)
	}
	l.mu.Unlock()
	if first && !l.record(ctx, refused, 1) {
		l.mu.Lock()
		l.persons.add(refused, 1)
		l.mu.Unlock()
	}
}

// Nobody takes a refusal of somebody who is not signed in. It writes nothing; the minute's event does.
func (l *Log) Nobody(r *http.Request, operation string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.addresses.add(event{audit.Actor{Name: fromAddress(addressOf(r))}, operation, audit.CodeUnauthenticated}, 1)
}

func fromAddress(address string) string { return "not signed in, from " + address }

// Run writes the events of each minute, and those of the last one when ctx ends. It returns after that.
func (l *Log) Run(ctx context.Context) error {
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			l.Flush(ctx)
		case <-ctx.Done():
			l.Flush(ctx)
			return nil
		}
	}
}

// Flush writes what was counted since the last time. What the audit log does not take is kept for the next
// time.
func (l *Log) Flush(ctx context.Context) {
	l.mu.Lock()
	persons, addresses := l.persons, l.addresses
	l.persons, l.addresses = newTallies()
	l.mu.Unlock()
	l.write(ctx, persons, &l.persons)
	l.write(ctx, addresses, &l.addresses)
}

func (l *Log) write(ctx context.Context, done tally, next *tally) {
	for refused, count := range done.counts {
		if count > 0 && !l.record(ctx, refused, count) {
			l.mu.Lock()
			next.add(refused, count)
			l.mu.Unlock()
		}
	}
}

// record writes one event, and reports whether the audit log took it.
func (l *Log) record(ctx context.Context, refused event, count int) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	details := audit.AccessDenial{Operation: refused.operation, Code: refused.code, Count: count}
	denied := audit.Event{Activity: audit.AccessDenied, Result: audit.Failure, Details: details}
	if err := l.options.Record(ctx, audit.Begin(refused.actor, audit.AccessDenied), denied); err != nil {
		l.options.Logger.ErrorContext(ctx, "a refusal could not be audited", "error", cmp.Or(db.Explain(err), "it is not the database's"))
		return false
	}
	return true
}

// addressOf is where a request comes from, without its port.
func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return "an unknown address"
	}
	return host
}

// event is what refusals share that are written as one.
type event struct {
	actor     audit.Actor
	operation string
	code      audit.Code
}

// tally counts the refusals of one period. It tells a bounded number of events apart; the last of them stands
// for all that find no room.
type tally struct {
	limit  int
	others string
	counts map[event]int
}

func newTally(limit int, others string) tally { return tally{limit, others, map[event]int{}} }

// begin makes room for an event without counting anything, and reports whether it is new and there was room.
func (t tally) begin(refused event) bool {
	if _, known := t.counts[refused]; known || len(t.counts) >= t.limit-1 {
		return false
	}
	t.counts[refused] = 0
	return true
}

// add counts refusals under their event, or under the last one where there is no room for theirs.
func (t tally) add(refused event, count int) {
	if _, known := t.counts[refused]; !known && !t.begin(refused) {
		refused = event{audit.Actor{Name: t.others}, "several", refused.code}
	}
	t.counts[refused] += count
}
