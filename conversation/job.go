package conversation

import "qm-compliance/compliance"

// JobState is the state of a job that anonymizes many conversations (design, section 4).
type JobState string

// The states. A job that is started with a grace period stays JobPlanned until that is over.
const (
	JobPlanning  JobState = "PLANNING"
	JobPlanned   JobState = "PLANNED"
	JobRunning   JobState = "RUNNING"
	JobPaused    JobState = "PAUSED"
	JobCancelled JobState = "CANCELLED"
	JobDone      JobState = "DONE"
	JobFailed    JobState = "FAILED"
	JobExpired   JobState = "EXPIRED"
)

// JobStates returns every state, in the order of a job's life.
func JobStates() []JobState {
	return []JobState{
		JobPlanning, JobPlanned, JobRunning, JobPaused, JobCancelled, JobDone, JobFailed, JobExpired,
	}
}

// JobAction is what a person, or the program, does with a job.
type JobAction string

// The actions. JobStart, JobPause, JobResume and JobCancel are those of a person.
const (
	// JobFinishPlan: all of its conversations are counted.
	JobFinishPlan JobAction = "finish plan"
	// JobStart sets when the job begins to run. A job that has been started can be started for another time.
	JobStart JobAction = "start"
	// JobBegin: the time has come at which it runs.
	JobBegin  JobAction = "begin"
	JobPause  JobAction = "pause"
	JobResume JobAction = "resume"
	JobCancel JobAction = "cancel"
	// JobFinish: no conversation is left.
	JobFinish JobAction = "finish"
	// JobFail: the person who planned or started the job has lost the role or the scope.
	JobFail JobAction = "fail"
	// JobExpire: nobody started it in time.
	JobExpire JobAction = "expire"
)

// JobActions returns every action.
func JobActions() []JobAction {
	return []JobAction{
		JobFinishPlan, JobStart, JobBegin, JobPause, JobResume, JobCancel, JobFinish, JobFail, JobExpire,
	}
}

// After returns the state to which an action leads, and false where a job in this state does not allow it.
func (s JobState) After(action JobAction) (next JobState, allowed bool) {
	if s.Ended() {
		return s, false
	}
	switch action {
	case JobCancel:
		return JobCancelled, true
	case JobFail:
		return JobFailed, true
	}
	next, allowed = map[JobState]map[JobAction]JobState{
		JobPlanning: {JobFinishPlan: JobPlanned},
		JobPlanned:  {JobStart: JobPlanned, JobBegin: JobRunning, JobExpire: JobExpired},
		JobRunning:  {JobPause: JobPaused, JobFinish: JobDone},
		JobPaused:   {JobResume: JobRunning},
	}[s][action]
	if !allowed {
		return s, false
	}
	return next, true
}

// Before returns the states that allow an action, in the order of a job's life.
func (a JobAction) Before() (states []JobState) {
	for _, state := range JobStates() {
		if _, allowed := state.After(a); allowed {
			states = append(states, state)
		}
	}
	return states
}

// Ended reports whether a job stays in this state.
func (s JobState) Ended() bool {
	switch s {
	case JobCancelled, JobDone, JobFailed, JobExpired:
		return true
	}
	return false
}

// JobFailure says why a job failed.
type JobFailure string

// The failures.
const (
	RoleWithdrawn  JobFailure = "ROLE_WITHDRAWN"
	ScopeWithdrawn JobFailure = "SCOPE_WITHDRAWN"
)

// Problem says why a job did not anonymize a conversation.
type Problem string

// The problems.
const (
	// ProblemNotFound: the conversation is gone, or out of the scope of the job.
	ProblemNotFound Problem = "NOT_FOUND"
	// ProblemMerged: it joined another one.
	ProblemMerged Problem = "MERGED"
	// ProblemChanged: something else would stay of it than was planned.
	ProblemChanged Problem = "CHANGED"
	// ProblemFailed: it could not be anonymized.
	ProblemFailed Problem = "FAILED"
)

// Problems returns every problem.
func Problems() []Problem {
	return []Problem{ProblemNotFound, ProblemMerged, ProblemChanged, ProblemFailed}
}

// Counted is a conversation as the plan of a job counted it.
type Counted struct {
	// Revision is that of the conversation.
	Revision int
	// Kept is the fingerprint of what was to stay.
	Kept int64
}

// Changed reports whether a conversation, as it is now, must be left out of the job: it has changed since, and not
// only by what the settings cover, so that something else would stay of it than was planned.
func (c Counted) Changed(now Counted) bool {
	return c.Revision != now.Revision && c.Kept != now.Kept
}

// Finding is something that the verification of a job should not find.
type Finding string

// The findings.
const (
	// FoundValue: a value that the settings select, and that is not overwritten.
	FoundValue Finding = "VALUE"
	// FoundNoPlaceholder: a value that counts as overwritten, and shows no placeholder.
	FoundNoPlaceholder Finding = "PLACEHOLDER"
	// FoundFile: a file that counts as deleted, and is still in the file store.
	FoundFile Finding = "FILE"
)

// Verify reads a conversation as it is stored, with everything that belongs to it, and counts what should not be found
// after it was anonymized with a selection: values that the selection covers and that are not overwritten, and values
// that count as overwritten and show no placeholder. Nothing found is no count.
func (c *Conversation) Verify(selection compliance.Selection) map[Finding]int {
	found := findings{}
	for _, p := range c.Participants {
		found.look(p.PhoneNumber, p.PhoneNumberAnonymized, selection.ParticipantPhoneNumber,
			compliance.PhoneNumberPlaceholder)
		found.look(p.DigitalAddress, p.DigitalAddressAnonymized, selection.ParticipantDigitalAddress,
			compliance.DigitalAddressPlaceholder)
		found.look(p.PhoneAddress, p.PhoneAddressAnonymized, selection.CoversPhoneAddress(),
			compliance.DigitalAddressPlaceholder)
	}
	for _, s := range c.Segments {
		found.look(s.Title, s.TitleAnonymized, selection.Basic(s.Kind.Content()), compliance.ContentPlaceholder)
		for _, m := range s.Messages {
			found.look(m.Text, m.TextAnonymized, selection.CoversText(s.Kind, m.Mixed), compliance.ContentPlaceholder)
		}
	}
	for _, m := range c.Metadata {
		found.look(m.Value, m.ValueAnonymized, selection.Key(m.Key), compliance.MetadataPlaceholder)
	}
	for _, file := range c.Media {
		if file.Disposition(selection) == compliance.DispositionPlanned {
			found[FoundValue]++
		}
	}
	return found
}

// findings counts what was found.
type findings map[Finding]int

func (f findings) look(text string, anonymized, covered bool, placeholder compliance.Placeholder) {
	switch {
	case anonymized && text != string(placeholder):
		f[FoundNoPlaceholder]++
	case !anonymized && covered && text != "":
		f[FoundValue]++
	}
}
