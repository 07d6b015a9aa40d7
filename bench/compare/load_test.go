//go:build compare

package compare

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"testing"
	"time"
)

// question is a request that a server answers with the same bytes again and again.
type question struct {
	server  *process
	request []byte
	// answer is what it answered first, which was looked at.
	answer []byte
}

// ask makes a question of a body, and asks it once.
func ask(tb testing.TB, server *process, path, token string, body any) *question {
	tb.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		tb.Fatal(err)
	}
	q := &question{server: server}
	var request bytes.Buffer
	fmt.Fprintf(&request, "POST %s HTTP/1.1\r\nHost: %s\r\n", path, server.address)
	fmt.Fprint(&request, "Content-Type: application/json\r\nAccept: application/json\r\n")
	if token != "" {
		fmt.Fprintf(&request, "Authorization: Bearer %s\r\n", token)
	}
	fmt.Fprintf(&request, "Content-Length: %d\r\n\r\n%s", len(text), text)
	q.request = request.Bytes()
	client, err := q.dial()
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = client.conn.Close() }()
	answer, err := client.ask()
	if err != nil {
		tb.Fatalf("%s: %v", server.name, err)
	}
	q.answer = slices.Clone(answer)
	return q
}

// read decodes the answer; it fails where the answer holds errors.
func (q *question) read(tb testing.TB, data any) {
	tb.Helper()
	answer := struct {
		Data   any
		Errors json.RawMessage
	}{Data: data}
	if err := json.Unmarshal(q.answer, &answer); err != nil || answer.Errors != nil {
		tb.Fatalf("%s answers %.1000s (%v)", q.server.name, q.answer, err)
	}
}

// query is the body of a GraphQL request.
func query(text string) map[string]any { return map[string]any{"query": text} }

// client asks over one connection. It reads HTTP by itself, since it shares the processors with what it measures.
type client struct {
	conn    net.Conn
	reader  *bufio.Reader
	request []byte
	body    []byte
}

func (q *question) dial() (*client, error) {
	conn, err := net.Dial("tcp", q.server.address)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, reader: bufio.NewReaderSize(conn, 64<<10), request: q.request}, nil
}

// ask sends the request and returns the body of the answer, which is valid until the next call.
func (c *client) ask() ([]byte, error) {
	if _, err := c.conn.Write(c.request); err != nil {
		return nil, err
	}
	status, err := c.reader.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	ok := bytes.HasPrefix(status, []byte("HTTP/1.1 200 "))
	refused := string(status)
	length, chunked := 0, false
	for {
		line, err := c.reader.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		name, value, found := bytes.Cut(bytes.TrimSpace(line), []byte(":"))
		if !found {
			break
		}
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return nil, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		}
	}
	c.body = c.body[:0]
	if err := c.receive(length, chunked); err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%s%.500s", refused, c.body)
	}
	return c.body, nil
}

// receive appends a body of that length, or one in chunks.
func (c *client) receive(length int, chunked bool) error {
	for {
		if chunked {
			line, err := c.reader.ReadSlice('\n')
			if err != nil {
				return err
			}
			size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
			if err != nil {
				return err
			}
			length = int(size)
		}
		from := len(c.body)
		c.body = slices.Grow(c.body, length)[:from+length]
		if _, err := io.ReadFull(c.reader, c.body[from:]); err != nil {
			return err
		}
		if !chunked {
			return nil
		}
		if _, err := c.reader.Discard(2); err != nil || length == 0 {
			return err
		}
	}
}

// taken is what one turn measured.
type taken struct {
	rate float64 // requests a second
	// What a request cost the server's process, and PostgreSQL.
	server, postgres time.Duration
}

func (t taken) String() string {
	return fmt.Sprintf("%8.0f requests/s %7.3f + %.3f ms", t.rate, t.server.Seconds()*1000, t.postgres.Seconds()*1000)
}

// load lets clients ask again and again for a time, each with a connection of its own, and fails where an answer
// is not what it was first.
func (q *question) load(tb testing.TB, clients int, length time.Duration) taken {
	tb.Helper()
	connections := make([]*client, clients)
	for i := range connections {
		var err error
		if connections[i], err = q.dial(); err != nil {
			tb.Fatal(err)
		}
		defer func() { _ = connections[i].conn.Close() }()
	}
	counts := make([]int, clients)
	server, database, begun := cpu(q.server.Process.Pid), cpuOfPostgreSQL(), time.Now()
	err := together(clients, func(i int) error {
		for time.Since(begun) < length {
			answer, err := connections[i].ask()
			if err != nil {
				return err
			}
			if !bytes.Equal(answer, q.answer) {
				return fmt.Errorf("another answer than before: %.300s", answer)
			}
			counts[i]++
		}
		return nil
	})
	elapsed := time.Since(begun)
	if err != nil {
		tb.Fatalf("%s: %v", q.server.name, err)
	}
	total := 0
	for _, count := range counts {
		total += count
	}
	each := func(used time.Duration) time.Duration { return used / time.Duration(max(1, total)) }
	return taken{float64(total) / elapsed.Seconds(), each(cpu(q.server.Process.Pid) - server), each(cpuOfPostgreSQL() - database)}
}

// rounds is how often each side has its turn.
const rounds = 3

// turns puts two sides under load in turns, after each has warmed up, and returns the middle ratio of their
// rates and what was measured.
func turns(tb testing.TB, clients int, one, other *question) (ratio float64, lines string) {
	tb.Helper()
	length := window(tb)
	one.load(tb, clients, length/2)
	other.load(tb, clients, length/2)
	var ratios, costs []float64
	for range rounds {
		mine, theirs := one.load(tb, clients, length), other.load(tb, clients, length)
		ratios = append(ratios, mine.rate/theirs.rate)
		costs = append(costs, (theirs.server+theirs.postgres).Seconds()/(mine.server+mine.postgres).Seconds())
		lines += fmt.Sprintf("    %-14s %s\n    %-14s %s\n", one.server.name, mine, other.server.name, theirs)
	}
	return middle(ratios), fmt.Sprintf("    %.2f times by CPU, which is steadier where other programs run\n", middle(costs)) + lines
}

// middle is the median.
func middle[T float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
