package command

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"qm-compliance/compliance"
	"qm-compliance/db"
)

// filterDocument is the API's ConversationFilter.
type filterDocument struct {
	StartedFrom               *time.Time                    `json:"startedFrom"`
	StartedTo                 *time.Time                    `json:"startedTo"`
	Types                     []compliance.ConversationType `json:"types"`
	ParticipantPhoneNumber    string                        `json:"participantPhoneNumber"`
	ParticipantDigitalAddress string                        `json:"participantDigitalAddress"`
	Metadata                  []struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	} `json:"metadata"`
	IsReviewable     *bool                    `json:"isReviewable"`
	MediaStatuses    []compliance.MediaStatus `json:"mediaStatuses"`
	IsAnonymized     *bool                    `json:"isAnonymized"`
	AnonymizedBefore *struct {
		SettingsVersion int `json:"settingsVersion"`
	} `json:"anonymizedBefore"`
}

// readFilter reads a filter from the command line, or from the file that stands there behind an @. Its errors repeat
// nothing of the filter, which may hold personal data.
func readFilter(given string) (filter db.Filter, err error) {
	text := given
	if name, isFile := strings.CutPrefix(given, "@"); isFile {
		if text, err = readText(name); err != nil {
			return filter, err
		}
	}
	var document filterDocument
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if decoder.Decode(&document) != nil || decoder.More() {
		return filter, errors.New("--filter is not a ConversationFilter of the API in JSON")
	}
	types := []compliance.ConversationType{
		compliance.TypeCall, compliance.TypeScreenRecording, compliance.TypeEmail, compliance.TypeChat,
	}
	if !within(document.Types, types) || !within(document.MediaStatuses, compliance.MediaStatuses()) {
		return filter, errors.New("--filter names a type or a media status that there is not")
	}
	filter = db.Filter{
		StartedFrom: document.StartedFrom, StartedTo: document.StartedTo, Types: document.Types,
		PhoneNumber: document.ParticipantPhoneNumber, DigitalAddress: document.ParticipantDigitalAddress,
		Reviewable: document.IsReviewable, MediaStatuses: document.MediaStatuses, Anonymized: document.IsAnonymized,
	}
	for _, match := range document.Metadata {
		filter.Metadata = append(filter.Metadata, db.MetadataMatch{Key: match.Key, Value: match.Value})
	}
	if document.AnonymizedBefore != nil {
		filter.AnonymizedBefore = &document.AnonymizedBefore.SettingsVersion
	}
	return filter, nil
}

func readText(name string) (string, error) {
	if name == "-" {
		text, err := io.ReadAll(os.Stdin)
		return string(text), err
	}
	text, err := os.ReadFile(name)
	return string(text), err
}

func within[T comparable](list, known []T) bool {
	return !slices.ContainsFunc(list, func(value T) bool { return !slices.Contains(known, value) })
}
