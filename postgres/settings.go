package postgres

import "maps"

// settings are what the server runs with. The first group sees to it that what anonymizing removed is not left in the log or in the write-ahead
// log (design, section 4, "Overwritten means gone").
func (s *Server) settings() map[string]string {
	settings := map[string]string{
		"log_statement":                     "none",
		"log_min_duration_statement":        "-1",
		"log_min_error_statement":           "panic",
		"log_error_verbosity":               "terse", // the details of an error repeat values
		"log_parameter_max_length":          "0",
		"log_parameter_max_length_on_error": "0",
		"track_activities":                  "off",
		"wal_recycle":                       "off",
		"wal_level":                         "minimal",
		"max_wal_senders":                   "0",
		"listen_addresses":                  "",
		"unix_socket_directories":           s.home.socketDir(),
		"unix_socket_permissions":           "0700",
		"max_connections":                   "100",
		"shared_buffers":                    "128MB",
		"timezone":                          "UTC",
		"log_timezone":                      "UTC",
		"jit":                               "off", // compiling costs more than it gains on queries as short as ours
	}
	if s.options.Throwaway {
		maps.Copy(settings, map[string]string{
			"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "300", "shared_buffers": "64MB",
			"track_activities": "on",
		})
	}
	maps.Copy(settings, s.options.Settings)
	return settings
}
