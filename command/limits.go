package command

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"net/netip"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/alecthomas/kong"

	"qm-compliance/db"
	"qm-compliance/graph"
	"qm-compliance/httpserver"
)

// limitFlags bound what one request may cost, and what is done at once and over time. Zero means no limit.
type limitFlags struct {
	MaxBody        int64         `help:"Bytes of a GraphQL request." default:"1048576" env:"QM_MAX_BODY"`
	MaxDocument    int           `help:"Bytes of a GraphQL document." default:"65536" env:"QM_MAX_DOCUMENT"`
	MaxTokens      int           `help:"Lexical tokens of a document." default:"2000" env:"QM_MAX_TOKENS"`
	MaxFields      int           `help:"Fields of a document." default:"1000" env:"QM_MAX_FIELDS"`
	MaxAliases     int           `help:"Aliases of a document." default:"100" env:"QM_MAX_ALIASES"`
	MaxDirectives  int           `help:"Directives of a document." default:"100" env:"QM_MAX_DIRECTIVES"`
	MaxFragments   int           `help:"Fragments of a document." default:"100" env:"QM_MAX_FRAGMENTS"`
	MaxRepeats     int           `help:"Times that a selection names a field." default:"20" env:"QM_MAX_REPEATS"`
	MaxRootFields  int           `help:"Root fields of a query." default:"50" env:"QM_MAX_ROOT_FIELDS"`
	MaxMutations   int           `help:"Root fields of a mutation." default:"10" env:"QM_MAX_MUTATIONS"`
	MaxExports     int           `help:"Exports in an operation." default:"1" env:"QM_MAX_EXPORTS"`
	Exports        int           `help:"Exports that are made at once." default:"1" env:"QM_EXPORTS"`
	ExportsEach    int           `help:"Exports at once of a person." default:"2" env:"QM_EXPORTS_EACH"`
	MaxDepth       int           `help:"Levels of nesting of an operation." default:"20" env:"QM_MAX_DEPTH"`
	MaxCost        int           `help:"Cost of an operation, about the fields of its answer." default:"20000" env:"QM_MAX_COST"`
	MaxDuration    time.Duration `help:"Time that an operation takes." default:"30s" env:"QM_MAX_DURATION"`
	MaxAnswer      int64         `help:"Bytes of an answer, without vCons." default:"16777216" env:"QM_MAX_ANSWER"`
	MaxErrors      int           `help:"Errors in an answer." default:"50" env:"QM_MAX_ERRORS"`
	CacheBytes     int           `help:"Bytes of documents kept ready to run." default:"16777216" env:"QM_CACHE_BYTES"`
	CacheDocument  int           `help:"Bytes of a document that is kept." default:"20480" env:"QM_CACHE_DOCUMENT"`
	PersistedBytes int           `help:"Bytes kept of persisted queries." default:"1048576" env:"QM_PERSISTED_BYTES"`

	Operations        int           `help:"Operations at once." default:"${operations}" env:"QM_OPERATIONS"`
	OperationsEach    int           `help:"Operations at once of a person." default:"${each}" env:"QM_OPERATIONS_EACH"`
	Queue             int           `help:"Operations that wait." default:"1000" env:"QM_QUEUE"`
	QueueWait         time.Duration `help:"Time that an operation waits." default:"5s" env:"QM_QUEUE_WAIT"`
	Rate              float64       `help:"Operations a second of a person." default:"100" env:"QM_RATE"`
	Burst             int           `help:"Operations of a person after a rest." default:"500" env:"QM_BURST"`
	Sockets           int           `help:"WebSockets at once." default:"2000" env:"QM_SOCKETS"`
	SocketsEach       int           `help:"WebSockets of a person." default:"20" env:"QM_SOCKETS_EACH"`
	SocketsOpening    int           `help:"WebSockets of an address that have not signed in." default:"500" env:"QM_SOCKETS_OPENING"`
	Subscriptions     int           `help:"Subscriptions at once." default:"10000" env:"QM_SUBSCRIPTIONS"`
	SubscriptionsEach int           `help:"Subscriptions of a person." default:"200" env:"QM_SUBSCRIPTIONS_EACH"`

	MaxImport         int64         `help:"Bytes of a body of /import." default:"268435456" env:"QM_MAX_IMPORT"`
	MaxImportDuration time.Duration `help:"Time that a request to /import takes." default:"1h" env:"QM_MAX_IMPORT_DURATION"`
	Imports           int           `help:"Imports over HTTP at once." default:"4" env:"QM_IMPORTS"`
	ImportsEach       int           `help:"Imports over HTTP of a person." default:"2" env:"QM_IMPORTS_EACH"`
}

// limitVars are the defaults that depend on the machine.
func limitVars() kong.Vars {
	limits := graph.DefaultLimits().Admission
	return kong.Vars{"operations": strconv.Itoa(limits.Operations), "each": strconv.Itoa(limits.OperationsEach)}
}

// limits are the flags as the server takes them; stall is for WebSockets.
func (f limitFlags) limits(stall time.Duration) httpserver.Limits {
	limits := graph.Limits{
		BodyBytes: f.MaxBody, DocumentBytes: f.MaxDocument, Tokens: f.MaxTokens, Fields: f.MaxFields,
		Aliases: f.MaxAliases, Directives: f.MaxDirectives, Fragments: f.MaxFragments, Repeats: f.MaxRepeats,
		RootFields: f.MaxRootFields, MutationFields: f.MaxMutations, Exports: f.MaxExports,
		ExportsAtOnce: f.Exports, ExportsEach: f.ExportsEach,
		Depth: f.MaxDepth, Cost: f.MaxCost, Duration: f.MaxDuration,
		AnswerBytes: f.MaxAnswer, Errors: f.MaxErrors, WriteTimeout: stall,
		CacheBytes: f.CacheBytes, CachedDocumentBytes: f.CacheDocument, PersistedBytes: f.PersistedBytes,
		Sockets: f.Sockets, SocketsEach: f.SocketsEach, SocketsOpening: f.SocketsOpening,
		Subscriptions: f.Subscriptions, SubscriptionsEach: f.SubscriptionsEach,
	}
	limits.Admission.Operations, limits.Admission.OperationsEach = f.Operations, f.OperationsEach
	limits.Admission.Queue, limits.Admission.Wait = f.Queue, f.QueueWait
	limits.Admission.Rate, limits.Admission.Burst = f.Rate, f.Burst
	return httpserver.Limits{
		GraphQL: limits, ImportBytes: f.MaxImport, ImportDuration: f.MaxImportDuration,
		Imports: f.Imports, ImportsEach: f.ImportsEach,
	}
}

// connectionFlags say how long the server waits for its clients, where it listens for monitoring, and what it
// tells browsers.
type connectionFlags struct {
	IdleTimeout     time.Duration `help:"Time that an idle connection is kept." default:"90s" env:"QM_IDLE_TIMEOUT"`
	Stall           time.Duration `help:"Time that a client may send or read nothing." default:"10s" env:"QM_STALL"`
	PlaybackStall   time.Duration `help:"Time that a player may read nothing." default:"2m" env:"QM_PLAYBACK_STALL"`
	MinBodyRate     int64         `help:"Bytes a second of a request's body." default:"4096" env:"QM_MIN_BODY_RATE"`
	Drain           time.Duration `help:"Time that /readyz says 503 before the end." default:"5s" env:"QM_DRAIN"`
	ShutdownTimeout time.Duration `help:"Time for requests to end after that." default:"20s" env:"QM_SHUTDOWN_TIMEOUT"`

	TrustedProxy []string `help:"The addresses of a proxy whose X-Request-Id and traceparent are taken over, such as 10.0.0.0/8. Repeatable." env:"QM_TRUSTED_PROXY" placeholder:"CIDR"`

	AdminListen string `help:"A second address, for /metrics alone, /healthz and /readyz." env:"QM_ADMIN_LISTEN" placeholder:"HOST:PORT"`

	CORSMaxAge time.Duration `name:"cors-max-age" help:"Time that browsers remember --allow-origin." default:"10m" env:"QM_CORS_MAX_AGE"`
	HSTS       time.Duration `name:"hsts" help:"Time for which browsers must use https only, such as 8760h." env:"QM_HSTS"`
}

func (f connectionFlags) timeouts() httpserver.Timeouts {
	timeouts := httpserver.DefaultTimeouts()
	timeouts.Idle, timeouts.Stall, timeouts.Playback = f.IdleTimeout, f.Stall, f.PlaybackStall
	timeouts.BodyRate, timeouts.Drain, timeouts.Shutdown = f.MinBodyRate, f.Drain, f.ShutdownTimeout
	return timeouts
}

// trustedProxies reads --trusted-proxy. One address stands for itself alone.
func (f connectionFlags) trustedProxies() (proxies []netip.Prefix, err error) {
	for _, text := range f.TrustedProxy {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			address, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("--trusted-proxy %q is neither a network such as 10.0.0.0/8 nor an address", text)
			}
			prefix = netip.PrefixFrom(address, address.BitLen())
		}
		proxies = append(proxies, prefix)
	}
	return proxies, nil
}

// listenAdmin opens --admin-listen, which may be nil.
func (f connectionFlags) listenAdmin() (net.Listener, error) {
	if f.AdminListen == "" {
		return nil, nil
	}
	return httpserver.Listen(f.AdminListen, "--admin-listen")
}

// memoryFlags bound the memory of a server.
type memoryFlags struct {
	MemoryLimit int64 `help:"Bytes of memory from which on the server frees what it can at once; by default 192 MiB, or nine tenths of what its container may take (half beside the embedded PostgreSQL) where that is less." env:"QM_MEMORY_LIMIT" placeholder:"BYTES"`
}

const (
	// garbagePercent is how much garbage, in percent of what is in use, is left to lie. A server uses a few
	// megabytes, so that Go's own 100 has it collect garbage dozens of times a second under load.
	garbagePercent = 400
	// leastMemory is below what a server needs. With usualMemory the attacks of `make attack`, exports of the largest
	// size among them, take no more than 300 MB.
	leastMemory, usualMemory = 64 << 20, 192 << 20
)

// memory is how the garbage collector is set. Zero leaves to Go what the environment says.
type memory struct {
	percent int
	limit   int64
}

// choose follows GOGC and GOMEMLIMIT where they are set, but for a limit that the flag gives. Container returns
// what the container may take, or an error where there is none; share is the server's share of it.
func (f memoryFlags) choose(getenv func(string) string, container memlimit.Provider, share float64) (memory, error) {
	chosen := memory{percent: garbagePercent, limit: f.MemoryLimit}
	if getenv("GOGC") != "" {
		chosen.percent = 0
	}
	switch {
	case f.MemoryLimit < 0 || f.MemoryLimit > 0 && f.MemoryLimit < leastMemory:
		return memory{}, fmt.Errorf("--memory-limit must be at least %d bytes (64 MiB), or left out", leastMemory)
	case f.MemoryLimit > 0 || getenv("GOMEMLIMIT") != "":
		return chosen, nil
	}
	chosen.limit = usualMemory
	if limit, err := memlimit.ApplyRatio(container, share)(); err == nil && limit < math.MaxInt64 {
		chosen.limit = min(usualMemory, max(leastMemory, int64(limit)))
	}
	return chosen, nil
}

// shareOfMemory is the share of a container's memory that a server may take.
func (f sharedFlags) shareOfMemory() float64 {
	if f.embedded() {
		return 0.5
	}
	return 0.9
}

// bound sets the garbage collector of this process, and logs the limit that holds from then on.
func (f memoryFlags) bound(ctx context.Context, env environment) error {
	chosen, err := f.choose(os.Getenv, memlimit.FromCgroup, env.shareOfMemory())
	if err != nil {
		return err
	}
	if chosen.percent > 0 {
		debug.SetGCPercent(chosen.percent)
	}
	if chosen.limit > 0 {
		debug.SetMemoryLimit(chosen.limit)
	}
	env.logger.InfoContext(ctx, "memory is limited", "bytes", debug.SetMemoryLimit(-1))
	return nil
}

// jobFlags bound jobs, and say how much of the work on them is done here.
type jobFlags struct {
	JobRunners       int           `help:"How many batches of jobs are worked on at once here; 0 leaves jobs to other servers." default:"2" env:"QM_JOB_RUNNERS"`
	JobShare         float64       `help:"The share of its time in which a runner works; it rests for the remainder." default:"0.5" env:"QM_JOB_SHARE"`
	JobConversations int           `help:"The most conversations that a job may contain." default:"10000000" env:"QM_JOB_CONVERSATIONS"`
	JobBatch         int           `help:"How many conversations of a job share a transaction." default:"200" env:"QM_JOB_BATCH"`
	JobExpiry        time.Duration `help:"How long a plan waits for its start." default:"168h" env:"QM_JOB_EXPIRY"`
}

func (f jobFlags) checkJobs() error {
	switch {
	case f.JobShare <= 0 || f.JobShare > 1:
		return errors.New("--job-share must be above 0 and at most 1, such as 0.5")
	case f.JobRunners < 0:
		return errors.New("--job-runners must not be negative")
	case f.JobBatch < 1 || f.JobBatch > 10_000:
		return errors.New("--job-batch must be from 1 to 10000")
	case f.JobConversations < 1:
		return errors.New("--job-conversations must be positive")
	case f.JobExpiry <= 0:
		return errors.New("--job-expiry must be positive, such as 168h")
	}
	return nil
}

func (f jobFlags) jobLimits() db.JobLimits {
	return db.JobLimits{Conversations: f.JobConversations, Batch: f.JobBatch, Expiry: f.JobExpiry}
}
