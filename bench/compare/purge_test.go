//go:build compare

package compare

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// Both ways to rewrite tables while a reader and a writer are at work: how long the purge takes, how long the reader waits at
// most, how much disk and log it takes. It has no floor: decision 28 is made of it. QM_COMPARE_SIZES names numbers of
// conversations, QM_COMPARE_METHODS the flags of the purges.
func TestPurge(t *testing.T) {
	sizes, methods := os.Getenv("QM_COMPARE_SIZES"), os.Getenv("QM_COMPARE_METHODS")
	if sizes == "" {
		sizes = "100000"
	}
	if methods == "" {
		methods = "--locked --no-locked"
	}
	for size := range strings.FieldsSeq(sizes) {
		for method := range strings.FieldsSeq(methods) {
			t.Run(size+method, func(t *testing.T) {
				var count int
				if _, err := fmt.Sscan(size, &count); err != nil {
					t.Fatal(err)
				}
				purgeUnderLoad(t, count, method)
			})
		}
	}
}

func purgeUnderLoad(t *testing.T, count int, method string) {
	database := fresh(t, 0)
	load(t, connect(t, database), count)
	s := startProgram(t, database)
	switchOn(t, s)
	page, _ := askListing(t, s)
	token := s.manager()
	anonymize(t, s, token, 0, pageSize)
	stop := make(chan struct{})
	watched := watchDisk(t, database, stop)
	read, wrote := make(chan latency, 1), make(chan int, 1)
	go func() { read <- page.longest(t, stop) }()
	go func() {
		from := pageSize
		for ; from+pageSize < count; from += pageSize {
			select {
			case <-stop:
				wrote <- from
				return
			default:
				anonymize(t, s, token, from, from+pageSize)
			}
		}
		wrote <- from
	}()
	took, _ := run(t, "purge", method, "--database-url", database)
	close(stop)
	fmt.Printf("    %d conversations, purge %s: %.1f s; %s; written %d; %s\n", count, method, took.Seconds(), <-read, <-wrote, <-watched)
}

type latency struct {
	asked   int
	longest time.Duration
}

func (l latency) String() string {
	return fmt.Sprintf("%d readings, the longest %.0f ms", l.asked, float64(l.longest)/float64(time.Millisecond))
}

// longest asks again and again, and returns the longest that an answer took.
func (q *question) longest(t *testing.T, stop chan struct{}) (l latency) {
	client, err := q.dial()
	if err != nil {
		t.Error(err)
		return l
	}
	defer func() { _ = client.conn.Close() }()
	for ; ; l.asked++ {
		select {
		case <-stop:
			return l
		case <-time.After(5 * time.Millisecond):
		}
		begun := time.Now()
		answer, err := client.ask()
		if err != nil || strings.Contains(string(answer), `"errors"`) {
			t.Errorf("%v: %.300s", err, answer)
		}
		l.longest = max(l.longest, time.Since(begun))
	}
}

// watchDisk says how much more the database took at most, how much log there was at most, and how much was written.
func watchDisk(t *testing.T, database string, stop chan struct{}) chan string {
	conn := connect(t, database)
	const query = `SELECT pg_database_size(current_database()), (SELECT sum(size)::bigint FROM pg_ls_waldir()),
		(pg_current_wal_lsn() - '0/0')::bigint`
	result := make(chan string, 1)
	var now, first, most [3]int64
	look := func() {
		if err := conn.QueryRow(context.Background(), query).Scan(&now[0], &now[1], &now[2]); err != nil {
			t.Error(err)
		}
		for i := range now {
			most[i] = max(most[i], now[i])
		}
	}
	look()
	first = now
	go func() {
		for {
			look()
			select {
			case <-stop:
				const megabyte = 1e6
				result <- fmt.Sprintf("%.0f MB, at most %.0f MB more, at the end %.0f MB; log written %.0f MB, kept at most %.0f MB",
					float64(first[0])/megabyte, float64(most[0]-first[0])/megabyte, float64(now[0])/megabyte,
					float64(now[2]-first[2])/megabyte, float64(most[1])/megabyte)
				return
			case <-time.After(200 * time.Millisecond):
			}
		}
	}()
	return result
}
