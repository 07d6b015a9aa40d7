// Package notify tells subscribers in this process what transactions of any process changed, by PostgreSQL's
// notifications.
//
// A transaction notifies one of the channels below with ids; PostgreSQL delivers them when the transaction
// commits, and not at all when it is rolled back. A notification carries no data: a subscriber reads the rows
// again, with its own rights.
package notify

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"qm-compliance/backoff"
)

// The channels that transactions notify.
const (
	ConversationChannel = "qm_conversation" // the payload is the ids of conversations, with commas between them
	SettingsChannel     = "qm_settings"     // the payload is a version of the compliance settings
	JobChannel          = "qm_job"          // the payload is the id of a job
)

// lookBack is a Hub's LookBack at first. It has to be longer than a slow network takes to deliver an answer
// and to open a subscription.
const lookBack = 5 * time.Second

// Hub receives notifications over one connection and wakes the subscribers that they concern. Waking a
// subscriber means that something may have changed: after notifications may have been lost, the hub wakes all
// of them. A Hub is safe for concurrent use.
type Hub struct {
	// LookBack is the age up to which a new subscriber still receives a change, some seconds at first. A
	// client reads first and subscribes then; without LookBack it would miss what changed in between. Set it
	// before the hub is used.
	LookBack time.Duration

	pool   *pgxpool.Pool
	logger *slog.Logger

	heartbeat time.Duration
	retry     backoff.Exponential
	started   atomic.Bool
	ready     chan struct{}
	once      sync.Once

	conversations conversationSubscribers
	jobs          conversationSubscribers
	settings      settingsSubscribers
}

// NewHub returns a hub that listens once Run is called. While it runs, it keeps one connection to the pool's
// database, which it takes out of the pool.
func NewHub(pool *pgxpool.Pool, logger *slog.Logger) *Hub {
	return &Hub{
		LookBack: lookBack,
		pool:     pool, logger: logger, ready: make(chan struct{}),
		heartbeat: heartbeat, retry: backoff.Exponential{First: 100 * time.Millisecond, Longest: 30 * time.Second},
		conversations: conversationSubscribers{byID: map[int64]map[*conversationSubscriber]bool{}},
		jobs:          conversationSubscribers{byID: map[int64]map[*conversationSubscriber]bool{}},
		settings:      settingsSubscribers{channels: map[chan struct{}]bool{}},
	}
}

// Ready is closed when the hub listens for the first time. No change that commits afterwards is missed.
func (h *Hub) Ready() <-chan struct{} { return h.ready }

// Run listens until ctx ends, and then returns nil. When the connection breaks, Run connects again, with
// growing delays, and then wakes every subscriber. A hub runs once: a second call returns an error.
func (h *Hub) Run(ctx context.Context) error {
	if h.started.Swap(true) {
		return errors.New("this hub was already started; create a new one")
	}
	failures := 0
	for {
		listened, err := h.listen(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if listened {
			failures = 0
		}
		failures++
		delay := h.retry.Delay(failures, rand.Float64)
		h.logger.WarnContext(ctx, "listening for changes was interrupted", "error", err, "retryIn", delay)
		if !pause(ctx, delay) {
			return nil
		}
	}
}

// listen handles notifications until the connection breaks or ctx ends. It reports whether it got as far as
// listening.
func (h *Hub) listen(ctx context.Context) (listened bool, err error) {
	conn, err := openListener(ctx, h.pool)
	if err != nil {
		return false, err
	}
	defer conn.close(ctx)
	h.notifyAll()
	h.once.Do(func() { close(h.ready) })
	for {
		notification, err := conn.next(ctx, h.heartbeat)
		if err != nil {
			return true, err
		}
		h.dispatch(ctx, notification)
	}
}

// notifyAll wakes every subscriber after notifications may have been lost.
func (h *Hub) notifyAll() {
	h.conversations.notifyAll()
	h.jobs.notifyAll()
	h.settings.notifyAll()
}

func (h *Hub) dispatch(ctx context.Context, notification *pgconn.Notification) {
	if notification.Channel == SettingsChannel {
		h.settings.notifyAll()
		return
	}
	for text := range strings.SplitSeq(notification.Payload, ",") {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			// The payload is not logged: nobody knows what another program writes there.
			h.logger.WarnContext(ctx, "a notification contains no id; another program may be using the channel",
				"channel", notification.Channel)
			return
		}
		if notification.Channel == JobChannel {
			h.jobs.notify(id)
		} else {
			h.conversations.notify(id)
		}
	}
}

// Subscribers returns the number of open subscriptions, for monitoring.
func (h *Hub) Subscribers() int { return h.conversations.count() + h.jobs.count() + h.settings.count() }

// SubscribeSettings returns a channel that receives a value whenever the compliance settings, or what a
// metadata key is used for, may have changed, from LookBack ago until ctx ends; then the channel is closed.
// Several changes may arrive as one.
func (h *Hub) SubscribeSettings(ctx context.Context) <-chan struct{} {
	// One place is enough: a subscriber that has not taken the last value yet is going to read the settings
	// anyway.
	channel := make(chan struct{}, 1)
	h.settings.add(channel, time.Now().Add(-h.LookBack))
	context.AfterFunc(ctx, func() { h.settings.remove(channel) })
	return channel
}

// settingsSubscribers holds the channels of all subscriptions, each with one place.
type settingsSubscribers struct {
	mu       sync.Mutex
	channels map[chan struct{}]bool
	changed  time.Time
}

// add wakes the new subscriber at once if something changed after since.
func (s *settingsSubscribers) add(channel chan struct{}, since time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.channels[channel] = true
	if s.changed.After(since) {
		channel <- struct{}{}
	}
}

// remove closes the channel under the lock, so that notifyAll never sends on a closed one.
func (s *settingsSubscribers) remove(channel chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.channels, channel)
	close(channel)
}

func (s *settingsSubscribers) notifyAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed = time.Now()
	for channel := range s.channels {
		select {
		case channel <- struct{}{}:
		default:
		}
	}
}

func (s *settingsSubscribers) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.channels)
}
