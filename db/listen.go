package db

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The channels that transactions notify when they commit; the payloads are the id of a conversation and a settings version.
const (
	conversationChannel = "qm_conversation"
	settingsChannel     = "qm_settings"
)

// How the listening connection is looked after.
const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 30 * time.Second
	// heartbeat is how long the connection may be silent before it is tried: a dead network path says nothing.
	heartbeat        = 30 * time.Second
	heartbeatTimeout = 10 * time.Second
)

// Hub tells subscribers in this process what transactions of any process changed. It carries ids alone; whoever is told reads the rows
// again, under the authority of whoever subscribed. Being told means that something may have changed: a change that was made while the hub
// was connecting is made up for by telling every subscriber.
type Hub struct {
	// LookBack is how long ago a change may be of which a new subscriber is told, at first some seconds. It is not to be changed while the hub is in use.
	LookBack time.Duration

	pool   *pgxpool.Pool
	logger *slog.Logger

	heartbeat time.Duration
	retry     backoff
	started   atomic.Bool
	ready     chan struct{}
	once      sync.Once

	conversations conversationSubscribers
	settings      settingsSubscribers
}

// NewHub makes a hub that listens once it runs. It takes one connection out of the pool, for as long as it runs.
func NewHub(pool *pgxpool.Pool, logger *slog.Logger) *Hub {
	return &Hub{
		LookBack: lookBack,
		pool:     pool, logger: logger, heartbeat: heartbeat, retry: backoff{first: firstRetry, last: lastRetry}, ready: make(chan struct{}),
		conversations: conversationSubscribers{byID: map[int64]map[*conversationSubscriber]bool{}},
		settings:      settingsSubscribers{channels: map[chan struct{}]bool{}},
	}
}

// Ready is closed when the hub listens for the first time: no change that commits afterwards is missed.
func (h *Hub) Ready() <-chan struct{} { return h.ready }

// Run listens until ctx ends, and then returns nil. After the connection breaks it connects again, with growing delays, and then tells every
// subscriber to read again. A hub runs once; running it again is an error.
func (h *Hub) Run(ctx context.Context) error {
	if h.started.Swap(true) {
		return errors.New("this hub was started before; make a new one")
	}
	retry := h.retry
	for {
		listened, err := h.listen(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if listened {
			retry = h.retry
		}
		delay := retry.next()
		h.logger.WarnContext(ctx, "listening for changes was interrupted", "error", err, "retryIn", delay)
		if !pause(ctx, delay) {
			return nil
		}
	}
}

// listen reads notifications until the connection breaks or ctx ends, and reports whether it came to listening at all.
func (h *Hub) listen(ctx context.Context) (listened bool, err error) {
	conn, err := openListener(ctx, h.pool)
	if err != nil {
		return false, err
	}
	defer conn.close(ctx)
	h.tellAll()
	h.once.Do(func() { close(h.ready) })
	for {
		notification, err := conn.next(ctx, h.heartbeat)
		if err != nil {
			return true, err
		}
		h.dispatch(ctx, notification)
	}
}

func (h *Hub) tellAll() {
	h.conversations.tellAll()
	h.settings.tellAll()
}

func (h *Hub) dispatch(ctx context.Context, notification *pgconn.Notification) {
	if notification.Channel == settingsChannel {
		h.settings.tellAll()
		return
	}
	id, err := strconv.ParseInt(notification.Payload, 10, 64)
	if err != nil {
		h.logger.WarnContext(ctx, "a notification holds no id of a conversation; is something else using the channel?", "channel", notification.Channel)
		return
	}
	h.conversations.tell(id)
}

// backoff grows a delay from first to last.
type backoff struct {
	first, last, current time.Duration
}

// next doubles the delay, and varies it so that many replicas do not come back in the same instant.
func (b *backoff) next() time.Duration {
	b.current = min(max(b.first, 2*b.current), b.last)
	return b.current/2 + rand.N(b.current/2+1)
}

// pause reports whether the whole delay went by before ctx ended.
func pause(ctx context.Context, delay time.Duration) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
