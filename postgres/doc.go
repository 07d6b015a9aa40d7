// Package postgres is the embedded PostgreSQL: a real server in the program's data directory, for the demo, for installations that
// have no other, and for the tests (design, section 10).
//
// # Who may reach it
//
// The server listens on a unix socket in a folder that only its user and root can enter, and nowhere else. Run by root, it is handed to
// the user postgres, else nobody, since PostgreSQL refuses root; a directory that another user has made is served as that user.
//
// # Who uses it
//
// The server is started by whoever needs it first, shared by every process that names the same directory, and stopped by the last one
// to leave. All of that is told by locks of the operating system, which end with their holders however those end:
//
//   - start.lock is held while somebody starts, joins or leaves, one at a time;
//   - users.lock is held, together, by all who use the server; who gets it alone is the last;
//   - server.lock is held by the server itself, which inherits it: while it is held there is a server, whatever postmaster.pid says;
//   - watcher.lock is held by the watcher.
//
// So a kill -9 of one user takes the server from nobody else, and a server that was itself killed is started anew. A server whose
// last user was killed is found and used by the next start. Where Options.Watch says so it does not even wait for one: the first user
// also starts a watcher, a small process of the same program (see RunWatcher) that looks once a second whether anybody is left, and
// stops the server when not. It looks instead of waiting for users.lock, because a waiting watcher would hold that lock for a moment
// when it gets it, and whoever is leaving just then could not tell it from another user.
//
// # What it leaves behind
//
// Its settings leave nothing behind that anonymizing has removed: no statement and no error's text is logged, and no write-ahead log
// is used again before it is wiped (design, section 4). The log begins anew at each start.
//
// On Windows, where locks are not inherited and there is no signal to stop by, the variant is a simple one: the server is ended hard, and
// recovers at its next start.
package postgres
