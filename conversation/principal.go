package conversation

import (
	"maps"
	"slices"
	"strings"
)

// Hash stands for a value that must not be kept, but known again: its hash with a key of the database.
type Hash func(value string) string

// Mail returns the principal of the agent with this e-mail address: so an agent is recognised though the
// address itself is gone.
func (h Hash) Mail(email string) string {
	return mailPrefix + h(strings.ToLower(strings.TrimSpace(email)))
}

// Origin stands for the url that a recording came from, empty for none.
func (h Hash) Origin(url string) string {
	if url == "" {
		return ""
	}
	return h("url:" + url)
}

// namePrefix tells the hash of a name from that of a url: the two say nothing about each other.
const namePrefix = "name:"

// OriginOfName stands for the name of a recording that is missing, empty for none.
func (h Hash) OriginOfName(name string) string {
	if name == "" {
		return ""
	}
	return namePrefix + h("name:"+name)
}

// A principal is who sees a conversation because they took part in it: "user:" and a user id, "group:" and
// the name of a group, or "mail:" and the hash of an agent's e-mail address.
const (
	userPrefix  = "user:"
	groupPrefix = "group:"
	mailPrefix  = "mail:"
)

// UserPrincipal stands for the user with this id.
func UserPrincipal(userID string) string { return userPrefix + userID }

// GroupPrincipal stands for the members of the group with this name.
func GroupPrincipal(name string) string { return groupPrefix + name }

// principalsOf returns those who see what a vCon brings, sorted.
func principalsOf(in *Incoming, hash Hash) []string {
	found := map[string]bool{}
	for _, p := range in.Participants {
		if p.UserID != "" {
			found[UserPrincipal(p.UserID)] = true
		}
		if p.Email != "" {
			found[hash.Mail(p.Email)] = true
		}
		for _, group := range p.Groups {
			found[GroupPrincipal(group)] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// keepMail adds to principals the stored ones that are known by an e-mail address. A file need not have the
// address any more where digital addresses were anonymized.
func keepMail(principals, stored []string) []string {
	for _, name := range stored {
		if strings.HasPrefix(name, mailPrefix) {
			principals = append(principals, name)
		}
	}
	slices.Sort(principals)
	return slices.Compact(principals)
}
