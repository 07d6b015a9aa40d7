package playback

import (
	"encoding/json"
	"net/http"
)

// problem is an answer other than the file.
type problem struct {
	status  int
	code    string
	message string
	// header and value say more to programs; both may be empty.
	header, value string
}

func forbidden(message string) *problem {
	return &problem{status: http.StatusForbidden, code: "FORBIDDEN", message: message}
}

func (s State) problem() *problem {
	switch s {
	case Gone:
		return gone()
	case NotStored:
		return &problem{status: http.StatusNotFound, code: "NOT_FOUND", message: "this server does not hold the recording, only a reference to it"}
	}
	return missing()
}

func missing() *problem {
	return &problem{status: http.StatusNotFound, code: "NOT_FOUND", message: "there is no such recording"}
}

func gone() *problem {
	return &problem{status: http.StatusGone, code: "GONE", message: "the recording has been deleted"}
}

func internal() *problem {
	return &problem{status: http.StatusInternalServerError, code: "INTERNAL", message: "the recording cannot be played; the server's log says why"}
}

func unavailable() *problem {
	return &problem{
		status: http.StatusServiceUnavailable, code: "UNAVAILABLE", message: "the recording cannot be reached now; try again in a while",
		header: "Retry-After", value: "10",
	}
}

func notAllowed() *problem {
	return &problem{
		status: http.StatusMethodNotAllowed, code: "INVALID", message: "recordings are fetched by GET or HEAD",
		header: "Allow", value: "GET, HEAD",
	}
}

func (p *problem) answer(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	if p.header != "" {
		w.Header().Set(p.header, p.value)
	}
	w.WriteHeader(p.status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"code": p.code, "message": p.message}})
}
