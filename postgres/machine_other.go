//go:build !linux

package postgres

func machineMemory() uint64 { return 0 }

// isServer leaves the question to PostgreSQL, which asks it itself at its start.
func isServer(int) bool { return true }
