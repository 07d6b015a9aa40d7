package auth

import (
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
)

// DemoTokenPath is where the demo's people sign in.
const DemoTokenPath = "/demo/token"

// Handler answers POST /demo/token?as=PERSON with {"accessToken": "..."}. It answers programs on this machine and the demo's own pages: a page of
// another site, or one that reaches this server under a name of its own, is refused.
func (d *DemoIssuer) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch site := r.Header.Get("Sec-Fetch-Site"); {
		case r.Method != http.MethodPost:
			w.Header().Set("Allow", http.MethodPost)
			writeError(w, http.StatusMethodNotAllowed, "INVALID", "sign in by POST "+DemoTokenPath+"?as=manager|analyst|supervisor|agent")
			return
		case !loopback(r.Host) || (site != "" && site != "same-origin" && site != "none"):
			writeError(w, http.StatusForbidden, "FORBIDDEN", "the demo signs in nobody from another site")
			return
		}
		token, err := d.Token(r.URL.Query().Get("as"))
		if err != nil {
			writeError(w, http.StatusBadRequest, "INVALID", err.Error())
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(map[string]string{"accessToken": token})
	})
}

// loopback reports whether a Host header names this very machine.
func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if host == "localhost" {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
