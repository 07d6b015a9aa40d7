// Package postgres is the embedded PostgreSQL: a real server in the program's data directory, for the demo, for installations that
// have no other, and for the tests (design, section 10).
//
// The server listens on a unix socket that only its user and root can reach. It is started by whoever needs it first, shared by every
// process that names the same directory, and stopped by the last one to leave. Who uses it is told by a lock of the operating
// system, which ends with the process however it ends: after a kill -9 the server goes on, and the next start finds and uses it.
//
// Its settings leave nothing behind that anonymizing has removed: no statement is logged, and no write-ahead log is used again
// before it is wiped.
package postgres
