// Package vcon reads conversations from vCon, the IETF's JSON container for conversations (draft-ietf-vcon-vcon-core), as the
// design's section 5 describes it. Reading is tolerant of the older syntaxes that are in use.
package vcon
