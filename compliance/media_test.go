package compliance_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"qm-compliance/compliance"
)

const (
	available = compliance.MediaAvailable
	planned   = compliance.MediaPlanned
	deleted   = compliance.MediaDeleted
	missing   = compliance.MediaMissing
	none      = compliance.MediaNone
)

func files(kind compliance.MediaKind, statuses ...compliance.MediaStatus) []compliance.MediaState {
	var list []compliance.MediaState
	for _, status := range statuses {
		list = append(list, compliance.MediaState{Kind: kind, Status: status})
	}
	return list
}

// Planned while any file is planned, deleted when at least one was deleted and none is planned (design,
// section 4).
func TestStatusOfAConversation(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		files []compliance.MediaStatus
		want  compliance.MediaStatus
	}{
		{nil, none},
		{[]compliance.MediaStatus{available}, available},
		{[]compliance.MediaStatus{planned}, planned},
		{[]compliance.MediaStatus{deleted}, deleted},
		{[]compliance.MediaStatus{available, planned}, planned},
		{[]compliance.MediaStatus{available, deleted}, deleted},
		{[]compliance.MediaStatus{planned, deleted}, planned},
		{[]compliance.MediaStatus{available, planned, deleted}, planned},
		{[]compliance.MediaStatus{deleted, deleted}, deleted},
		{[]compliance.MediaStatus{missing}, missing},
		{[]compliance.MediaStatus{missing, available}, available},
		{[]compliance.MediaStatus{missing, planned}, planned},
		{[]compliance.MediaStatus{missing, deleted}, deleted},
		{[]compliance.MediaStatus{missing, available, deleted}, deleted},
	} {
		if got := compliance.StatusOf(files(compliance.MediaCall, row.files...)); got != row.want {
			t.Errorf("%v: %s, want %s", row.files, got, row.want)
		}
	}
}

func TestTypesOfAConversation(t *testing.T) {
	t.Parallel()
	const call, email, chat = compliance.SegmentCall, compliance.SegmentEmail, compliance.SegmentChat
	const iconCall, iconScreen, iconEmail, iconChat = compliance.TypeCall, compliance.TypeScreenRecording,
		compliance.TypeEmail, compliance.TypeChat
	for _, row := range []struct {
		name     string
		segments []compliance.SegmentKind
		files    []compliance.MediaState
		want     []compliance.ConversationType
	}{
		{"call", []compliance.SegmentKind{call}, files(compliance.MediaCall, available),
			[]compliance.ConversationType{iconCall}},
		{"call and screen", []compliance.SegmentKind{call}, files(compliance.MediaScreen, available),
			[]compliance.ConversationType{iconCall, iconScreen}},
		{"planned screen stays", []compliance.SegmentKind{call}, files(compliance.MediaScreen, planned),
			[]compliance.ConversationType{iconCall, iconScreen}},
		{"deleted screen goes, call stays", []compliance.SegmentKind{call}, files(compliance.MediaScreen, deleted),
			[]compliance.ConversationType{iconCall}},
		{"a deleted screen stays away while a call is planned", []compliance.SegmentKind{call},
			append(files(compliance.MediaScreen, deleted), files(compliance.MediaCall, planned)...),
			[]compliance.ConversationType{iconCall}},
		{"a deleted screen stays away while a call is there", []compliance.SegmentKind{call},
			append(files(compliance.MediaScreen, deleted), files(compliance.MediaCall, available)...),
			[]compliance.ConversationType{iconCall}},
		{"one of two screens is left", []compliance.SegmentKind{call}, files(compliance.MediaScreen, deleted, planned),
			[]compliance.ConversationType{iconCall, iconScreen}},
		{"a missing screen is not there", []compliance.SegmentKind{call}, files(compliance.MediaScreen, missing),
			[]compliance.ConversationType{iconCall}},
		{"a missing screen beside one that is there", []compliance.SegmentKind{call},
			files(compliance.MediaScreen, missing, available), []compliance.ConversationType{iconCall, iconScreen}},
		{"a protected screen that is left stays", []compliance.SegmentKind{call},
			append(files(compliance.MediaScreen, available), files(compliance.MediaCall, deleted)...),
			[]compliance.ConversationType{iconCall, iconScreen}},
		{"everything", []compliance.SegmentKind{chat, email, call}, files(compliance.MediaScreen, available),
			[]compliance.ConversationType{iconCall, iconScreen, iconEmail, iconChat}},
		{"chat", []compliance.SegmentKind{chat}, nil, []compliance.ConversationType{iconChat}},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(row.want, compliance.TypesOf(row.segments, row.files)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
