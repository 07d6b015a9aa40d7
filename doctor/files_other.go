//go:build !unix

package doctor

// OpenFiles is how many files this process may open, 0 where that is not known.
func OpenFiles() uint64 { return 0 }
