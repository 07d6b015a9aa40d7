// Package auth says who is asking: it checks access tokens of OpenID Connect, expands composite roles, and tells what a role's scope
// covers (design, section 6). It decides nothing about data; it says what somebody may do, and others hold them to it.
package auth
