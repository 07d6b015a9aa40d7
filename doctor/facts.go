package doctor

import (
	"context"
	"fmt"
	"time"

	"qm-compliance/auth"
	"qm-compliance/db"
	"qm-compliance/media/filestore"
	"qm-compliance/migrations"
)

// Facts are what the checks judge.
type Facts struct {
	Settings Settings
	Database Database
	Store    Store
	Provider Provider
	Service  Service
	Machine  Machine
	Contents Contents
}

// Settings are those of the servers, as the flags and the environment give them.
type Settings struct {
	Issuer, Audience, ConsoleClient string
	PublicURL                       string
	Origins, MediaOrigins           []string
	OpenIntrospection, Suggestions  bool
	HSTS                            bool
	// Unlimited are the flags of limits that are switched off.
	Unlimited []string
	// Redirect says that players are sent to the file store.
	Redirect bool
	// Sockets is how many WebSockets a server takes.
	Sockets int
}

// Database is what is known of the database. Err is why nothing is.
type Database struct {
	db.Inspection
	Err error
	// Embedded is the program's own server. Verified says that TLS checks the server's certificate.
	Embedded, Verified bool
	// Pending are the migrations that it lacks. Foreign is why this version cannot work with its structure, or nil.
	Pending []string
	Foreign error
	// Rights are those of the account that serves.
	Rights migrations.Rights
	// Free is the room on its disk in bytes, nil where that cannot be seen from here.
	Free *uint64
	// Pool is how many connections a server opens.
	Pool int
}

// Store is what is known of the file store. Err is why nothing is.
type Store struct {
	filestore.Inspection
	Err error
	// Free is the room in a folder in bytes, nil where that is not known.
	Free *uint64
}

// Provider is what is known of the identity provider. Err is why nothing is.
type Provider struct {
	auth.Inspection
	Err error
	// Tried says that a token was checked. Refused is why it is refused, nil where it is accepted; Roles are those of its
	// holder then, and Identified says that it has a user id by which conversations may know its holder.
	Tried      bool
	Refused    error
	Roles      []auth.Role
	Groups     int
	Identified bool
}

// Service is what is known of the Interaction service.
type Service struct {
	// URL is its address, empty where this program acts as the service; HasToken says that it is sent a credential.
	URL      string
	HasToken bool
	Err      error
}

// Contents are the files of the store beside the recordings of the database. Err is why they were not compared.
type Contents struct {
	Compared bool
	Err      error
	// Files are in the store, Strays are those of them that no table names, Lost are recordings that the store lacks.
	Files, Strays, Lost int
}

// Machine is what is known of the machine. Zero stands for what is not known.
type Machine struct {
	// Memory is what the machine or the container has in bytes, Limit the limit of a server.
	Memory, Limit int64
	// OpenFiles is how many files a server may open.
	OpenFiles uint64
}

// Sources get facts about one subject each. They heed the context.
type Sources struct {
	Settings Settings
	Database func(context.Context) Database
	Store    func(context.Context) Store
	Provider func(context.Context) Provider
	Service  func(context.Context) Service
	Machine  func(context.Context) Machine
	Contents func(context.Context) Contents
}

// Gather asks all sources at once, each within limit.
func Gather(ctx context.Context, sources Sources, limit time.Duration) Facts {
	late := fmt.Errorf("no answer within %s", limit)
	database := ask(ctx, limit, sources.Database, Database{Err: late})
	store := ask(ctx, limit, sources.Store, Store{Err: late})
	provider := ask(ctx, limit, sources.Provider, Provider{Err: late})
	service := ask(ctx, limit, sources.Service, Service{Err: late})
	machine := ask(ctx, limit, sources.Machine, Machine{})
	contents := ask(ctx, limit, sources.Contents, Contents{Compared: true, Err: late})
	return Facts{sources.Settings, <-database, <-store, <-provider, <-service, <-machine, <-contents}
}

// grace is how long a source may take to say itself that its time is over.
const grace = time.Second

// ask asks a source beside others. A source that heeds no context, such as a disk that hangs, is left alone, and late is the
// answer.
func ask[T any](ctx context.Context, limit time.Duration, source func(context.Context) T, late T) <-chan T {
	answer, own := make(chan T, 1), make(chan T, 1)
	go func() {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		own <- source(ctx)
	}()
	go func() {
		over := time.NewTimer(limit + grace)
		defer over.Stop()
		select {
		case got := <-own:
			answer <- got
		case <-over.C:
			answer <- late
		}
	}()
	return answer
}
