// Package compliance holds the rules of the system as pure Go: which data a switch covers, what stands where
// personal data stood, when a conversation can still be reviewed, and what became of its media. It reads like
// sections 3 and 4 of the design, whose tables its tests repeat row by row.
//
// The package imports nothing of the project and touches no database: the packages that store and show
// conversations ask it, and hold no rule of their own.
package compliance
