package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Middleware checks the access token of each request and puts the outcome into the request's context,
// where FromContext finds it. It refuses nothing by itself: the handlers decide who may do what.
func Middleware(
	verify func(ctx context.Context, raw string) (*Viewer, error),
) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			viewer, err := signIn(r, verify)
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, outcome{viewer, err})))
		})
	}
}

func signIn(r *http.Request, verify func(context.Context, string) (*Viewer, error)) (*Viewer, error) {
	headers := r.Header.Values("Authorization")
	if len(headers) == 0 {
		return nil, refuse(ReasonMissing)
	}
	scheme, token, found := strings.Cut(headers[0], " ")
	if len(headers) > 1 || !found || !strings.EqualFold(scheme, "Bearer") {
		return nil, refuse(ReasonMalformed)
	}
	return verify(r.Context(), strings.TrimSpace(token))
}

// Require admits holders of a role to a route that is not GraphQL, behind Middleware. Others get 401
// or 403, with the error as JSON. Refused, unless nil, is called for each refusal, with a nil viewer
// if nobody is signed in.
func Require(
	role Role, refused func(r *http.Request, viewer *Viewer, code string), next http.Handler,
) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		viewer, err := FromContext(r.Context())
		status, code, message := http.StatusOK, "", ""
		var problem *Error
		switch {
		case errors.As(err, &problem):
			w.Header().Set("WWW-Authenticate", challenge(problem))
			status, code, message = http.StatusUnauthorized, "UNAUTHENTICATED", problem.Error()
		case !viewer.Has(role):
			status, code, message = http.StatusForbidden, "FORBIDDEN",
				fmt.Sprintf("this needs the role %s, which you do not hold", role)
		default:
			next.ServeHTTP(w, r)
			return
		}
		if refused != nil {
			refused(r, viewer, code)
		}
		writeError(w, status, code, message)
	})
}

func challenge(problem *Error) string {
	if problem.Reason == ReasonMissing {
		return "Bearer"
	}
	return `Bearer error="invalid_token"`
}

func writeError(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"code": code, "message": message}})
}
