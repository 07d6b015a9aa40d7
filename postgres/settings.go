package postgres

import (
	"fmt"
	"maps"
	"slices"
)

// arguments are the settings that the server is started with, so that none depends on a file that somebody may have edited.
func (s *Server) arguments() []string {
	settings := s.settings()
	arguments := []string{"-D", s.home.dataDir()}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		arguments = append(arguments, "-c", name+"="+settings[name])
	}
	return arguments
}

// settings are what the server runs with.
func (s *Server) settings() map[string]string {
	settings := private()
	maps.Copy(settings, map[string]string{
		"listen_addresses":        "",
		"unix_socket_directories": quoted(s.home.socketDir()),
		"unix_socket_permissions": "0700",
		"max_connections":         "100",
		"shared_buffers":          sharedBuffers(machineMemory()),
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"jit":                     "off", // compiling costs more than it gains on queries as short as ours
	})
	if s.options.Fast {
		maps.Copy(settings, fast())
	}
	maps.Copy(settings, s.options.Settings)
	return settings
}

// private sees to it that what anonymizing removed is not left in the log or in the write-ahead log (design, section 4, "Overwritten means gone").
func private() map[string]string {
	return map[string]string{
		// Errors are answered to the program, which tells them its own way; in the log their text could quote a value, as in
		// invalid input syntax for type uuid: "...". What the server says of itself is logged.
		"log_min_messages":                  "log",
		"log_error_verbosity":               "terse", // the details repeat values, too
		"log_statement":                     "none",
		"log_min_error_statement":           "panic",
		"log_min_duration_statement":        "-1",
		"log_parameter_max_length":          "0",
		"log_parameter_max_length_on_error": "0",
		"track_activities":                  "off", // the last statement of a process that crashed would be logged
		// A piece of write-ahead log that is used again holds what stood in it before until it is overwritten.
		"wal_recycle":     "off",
		"wal_level":       "minimal",
		"max_wal_senders": "0",
	}
}

// fast gives up safety for speed. There are more connections, because the tests of several packages run at once, and activities are
// tracked, because tests wait for what pg_stat_activity shows; their data are nobody's.
func fast() map[string]string {
	return map[string]string{
		"fsync":              "off",
		"synchronous_commit": "off",
		"full_page_writes":   "off",
		"max_connections":    "300",
		"shared_buffers":     "64MB",
		"track_activities":   "on",
	}
}

// sharedBuffers is an eighth of the machine's memory, within reason.
func sharedBuffers(memory uint64) string {
	const least, most = 32, 256
	if memory == 0 {
		return fmt.Sprintf("%dMB", most/2)
	}
	return fmt.Sprintf("%dMB", min(max(memory>>20/8, least), most))
}

// quoted keeps a folder whose name holds a comma in one piece: the setting is a list.
func quoted(dir string) string { return `"` + dir + `"` }
