// Package doctor judges whether an installation is sound: its settings, database, file store, identity provider, Interaction
// service and machine.
//
// Gather collects facts, each subject beside the others and within a time limit. Examine judges them: its checks are a table
// of pure functions from facts to problems, so that all of them run, whatever is broken. Nothing is changed, but for one byte
// that is stored and deleted again where the file store would keep nothing of it. No text of a result holds a password, a
// token or a value of a conversation.
package doctor

import (
	"fmt"
	"slices"
)

// Status is how good the outcome of a check is.
type Status string

// The statuses, from good to bad.
const (
	OK Status = "ok"
	// Accepted is a warning that the operator has accepted.
	Accepted Status = "accepted"
	// Skipped is a check that could not be made, because of a problem that another check reports.
	Skipped Status = "skipped"
	// Warning is a risk, or something that will become a fault.
	Warning Status = "warning"
	// Fault is what does not work, loses data, or leaves data that was to be removed.
	Fault Status = "fault"
)

// Problem is something that is wrong, and how to fix it, in words for an operator.
type Problem struct {
	Status Status `json:"status"`
	What   string `json:"problem"`
	Fix    string `json:"fix"`
}

// Result is the outcome of one check.
type Result struct {
	Check  string `json:"check"`
	Status Status `json:"status"`
	// Found says what was found where there is no problem to name.
	Found    string    `json:"found,omitempty"`
	Problems []Problem `json:"problems,omitempty"`
}

// Report is the outcome of all checks, in the order of the table.
type Report struct {
	// Status is the worst of the results: ok, warning or fault.
	Status   Status   `json:"status"`
	Warnings int      `json:"warnings"`
	Faults   int      `json:"faults"`
	Results  []Result `json:"checks"`
}

// subject is what a check needs to be known.
type subject int

const (
	ofSettings subject = iota
	ofDatabase
	ofStore
	ofProvider
)

// check judges one thing. It returns what it found, and the problems with it.
type check struct {
	name  string
	needs subject
	judge func(Facts) (found string, problems []Problem)
}

// checks is the table of all checks.
func checks() []check {
	return []check{
		{"settings", ofSettings, settings},
		{"limits", ofSettings, limits},
		{"database", ofSettings, database},
		{"database-encryption", ofDatabase, encryption},
		{"database-structure", ofDatabase, structure},
		{"database-text", ofDatabase, text},
		{"database-rights", ofDatabase, rights},
		{"audit-log", ofDatabase, auditLog},
		{"database-log", ofDatabase, serverLog},
		{"database-safety", ofDatabase, safety},
		{"database-upkeep", ofDatabase, upkeep},
		{"database-connections", ofDatabase, connections},
		{"database-disk", ofDatabase, disk},
		{"database-copies", ofDatabase, copies},
		{"database-clock", ofDatabase, databaseClock},
		{"file-store", ofSettings, store},
		{"file-store-identity", ofStore, identity},
		{"file-store-use", ofStore, use},
		{"file-store-copies", ofStore, storeCopies},
		{"file-store-room", ofStore, room},
		{"file-store-contents", ofStore, contents},
		{"provider", ofSettings, provider},
		{"provider-keys", ofProvider, keys},
		{"provider-clock", ofProvider, providerClock},
		{"sign-in", ofProvider, signIn},
		{"interaction-service", ofSettings, service},
		{"memory", ofSettings, memory},
		{"open-files", ofSettings, openFiles},
	}
}

// Names lists the names of all checks.
func Names() []string {
	var names []string
	for _, check := range checks() {
		names = append(names, check.name)
	}
	return names
}

// Examine judges facts. Warnings of the checks that accepted names do not count.
func Examine(facts Facts, accepted []string) Report {
	report := Report{Status: OK}
	for _, check := range checks() {
		result := Result{Check: check.name, Status: OK}
		if reason := facts.lacks(check.needs); reason != "" {
			result.Status, result.Found = Skipped, reason
		} else {
			result.Found, result.Problems = check.judge(facts)
		}
		for i := range result.Problems {
			problem := &result.Problems[i]
			if problem.Status == Warning && slices.Contains(accepted, check.name) {
				problem.Status = Accepted
			}
			result.Status = worse(result.Status, problem.Status)
		}
		report.count(result.Status)
		report.Results = append(report.Results, result)
	}
	return report
}

func (r *Report) count(status Status) {
	switch status {
	case Warning:
		r.Warnings++
	case Fault:
		r.Faults++
	default:
		return
	}
	r.Status = worse(r.Status, status)
}

func worse(a, b Status) Status {
	order := []Status{OK, Accepted, Skipped, Warning, Fault}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}

// lacks says why the facts about a subject are not known, or nothing.
func (f Facts) lacks(needed subject) string {
	switch {
	case needed == ofDatabase && f.Database.Err != nil:
		return "not checked: the database could not be asked"
	case needed == ofStore && (f.Store.Err != nil || !f.Store.Exists):
		return "not checked: there is no file store to look at"
	case needed == ofProvider && (f.Settings.Issuer == "" || f.Provider.Err != nil):
		return "not checked: the provider could not be asked"
	}
	return ""
}

// problems collects what is wrong.
type problems []Problem

func (p *problems) fault(fix, format string, arguments ...any) {
	*p = append(*p, Problem{Fault, fmt.Sprintf(format, arguments...), fix})
}

func (p *problems) warn(fix, format string, arguments ...any) {
	*p = append(*p, Problem{Warning, fmt.Sprintf(format, arguments...), fix})
}
