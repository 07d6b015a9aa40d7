package graph

import (
	"qm-compliance/compliance"
	"qm-compliance/db"
)

// filterOf reads the filter of a listing; what is wrong with it is found where it is used.
func filterOf(input *ConversationFilter) db.Filter {
	if input == nil {
		return db.Filter{}
	}
	filter := db.Filter{
		StartedFrom: input.StartedFrom.Value(), StartedTo: input.StartedTo.Value(),
		Types: input.Types.Value(), MediaStatuses: input.MediaStatus.Value(),
		PhoneNumber: given(input.ParticipantPhoneNumber.Value()), DigitalAddress: given(input.ParticipantDigitalAddress.Value()),
		Reviewable: input.Reviewable.Value(), Anonymized: input.Anonymized.Value(),
	}
	for _, match := range input.Metadata.Value() {
		filter.Metadata = append(filter.Metadata, db.MetadataMatch{Key: match.Key, Value: match.Value})
	}
	return filter
}

// filterError places what is wrong with a filter below the argument of that name; other errors stay as they are.
func filterError(err error) error {
	wrong := compliance.UserErrors(err)
	if wrong == nil {
		return err
	}
	return compliance.Errors(mapped(wrong, func(e *compliance.Error) *compliance.Error {
		return &compliance.Error{Code: e.Code, Message: e.Message, Field: append([]string{"filter"}, e.Field...)}
	}))
}

func orderOf(input *ConversationOrder) db.Order {
	if input == nil {
		return db.Order{Field: db.OrderStartedAt, Descending: true}
	}
	order := db.Order{Field: db.OrderStartedAt, Descending: input.Direction == OrderDirectionDesc}
	if input.Field == ConversationOrderFieldDuration {
		order.Field = db.OrderDuration
	}
	return order
}

// given is the value of an optional input, the zero value where it is omitted or null.
func given[T any](value *T) T {
	if value == nil {
		var none T
		return none
	}
	return *value
}
