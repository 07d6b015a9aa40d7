package graph

// seconds turns stored milliseconds into the seconds of the API.
func seconds(ms int64) float64 { return float64(ms) / 1000 }

// orNull shows the zero value, which stands for what is absent, as null.
func orNull[T comparable](value T) *T {
	var none T
	if value == none {
		return nil
	}
	return &value
}

// mapped shows each element of a list; the result is never nil.
func mapped[From, To any](list []From, show func(From) To) []To {
	shown := make([]To, 0, len(list))
	for _, element := range list {
		shown = append(shown, show(element))
	}
	return shown
}
