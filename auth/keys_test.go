package auth_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"

	"qm-compliance/auth"
)

// provider is an OpenID Connect provider without a network. How it behaves can change at any time.
type provider struct {
	mu       sync.Mutex
	behave   behaviour
	keys     []any // of its key set, as JSON values
	fetches  int   // of the key set
	searches int   // of the discovery document
}

// behaviour answers a request, given the answer of a provider that is well.
type behaviour func(request *http.Request, well *http.Response) (*http.Response, error)

func well(_ *http.Request, answer *http.Response) (*http.Response, error) { return answer, nil }

func away(*http.Request, *http.Response) (*http.Response, error) {
	return nil, errors.New("connection refused")
}

func hangs(request *http.Request, _ *http.Response) (*http.Response, error) {
	<-request.Context().Done()
	return nil, request.Context().Err()
}

// stalls answers with a header, and with a body that never comes.
func stalls(request *http.Request, answer *http.Response) (*http.Response, error) {
	answer.Body = stalled{request.Context()}
	return answer, nil
}

type stalled struct{ context.Context }

func (s stalled) Read([]byte) (int, error) {
	<-s.Done()
	return 0, s.Err()
}

func (stalled) Close() error { return nil }

// takes answers after some time.
func takes(delay time.Duration) behaviour {
	return func(request *http.Request, answer *http.Response) (*http.Response, error) {
		select {
		case <-time.After(delay):
			return answer, nil
		case <-request.Context().Done():
			return nil, request.Context().Err()
		}
	}
}

func says(status int, body string) behaviour {
	return func(_ *http.Request, answer *http.Response) (*http.Response, error) {
		answer.StatusCode, answer.Status = status, fmt.Sprint(status)
		answer.Body = io.NopCloser(strings.NewReader(body))
		return answer, nil
	}
}

// keysOnly behaves so where the key set is asked for, and is well otherwise.
func keysOnly(behave behaviour) behaviour {
	return func(request *http.Request, answer *http.Response) (*http.Response, error) {
		if strings.HasSuffix(request.URL.Path, "/keys") {
			return behave(request, answer)
		}
		return answer, nil
	}
}

// RoundTrip answers as the provider.
func (p *provider) RoundTrip(request *http.Request) (*http.Response, error) {
	p.mu.Lock()
	behave := p.behave
	var document any = map[string]any{"issuer": testIssuer, "jwks_uri": testIssuer + "/keys"}
	if strings.HasSuffix(request.URL.Path, "/keys") {
		p.fetches++
		document = map[string]any{"keys": p.keys}
	} else {
		p.searches++
	}
	p.mu.Unlock()
	recorder := httptest.NewRecorder()
	recorder.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(recorder).Encode(document)
	return behave(request, recorder.Result())
}

func (p *provider) becomes(behave behaviour) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.behave = behave
}

// publishes makes the key set consist of these keys, whose ids are given before each.
func (p *provider) publishes(keys ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = []any{}
	for i := 0; i < len(keys); i += 2 {
		public := keys[i+1].(*ecdsa.PrivateKey).Public()
		p.keys = append(p.keys, jose.JSONWebKey{KeyID: keys[i].(string), Key: public})
	}
}

func (p *provider) fetched() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fetches
}

// journal is a log that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(line)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// follow returns a verifier that follows the provider until the test ends, and its log. The test runs in a
// bubble of synctest, whose clock moves when everybody waits.
func (p *provider) follow(t *testing.T) (*auth.Verifier, *journal) {
	t.Helper()
	log := &journal{}
	verifier, err := auth.NewVerifier(auth.Config{Issuer: testIssuer, Audience: testAudience, Transport: p,
		Logger: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- verifier.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	return verifier, log
}

func newCurveKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// signed is a token for an hour, signed with a key of this id.
func signed(t *testing.T, id string, key *ecdsa.PrivateKey, subject string) string {
	t.Helper()
	return signedBy(t, testIssuer, id, key, subject)
}

// signedBy is one of another issuer.
func signedBy(t *testing.T, issuer, id string, key *ecdsa.PrivateKey, subject string) string {
	t.Helper()
	private := jose.JSONWebKey{Key: key, KeyID: id}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: private}, nil)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	return serialize(t, signer, claims(map[string]any{
		"iss": issuer, "sub": subject, "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}))
}

// outcome returns why a token is refused, or "", and how long the answer took.
func outcome(t *testing.T, verifier *auth.Verifier, token string) (auth.Reason, time.Duration) {
	t.Helper()
	begun := time.Now()
	_, err := verifier.Verify(t.Context(), token)
	var refused *auth.Error
	if err != nil && !errors.As(err, &refused) {
		t.Fatal(err)
	}
	if err == nil {
		return "", time.Since(begun)
	}
	return refused.Reason, time.Since(begun)
}

// sleep lets the bubble's clock move on.
func sleep(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// New keys are taken over when a token first names them, however quickly they follow each other, and
// while old ones are still in use.
func TestKeysRotate(t *testing.T) {
	t.Parallel()
	first := newCurveKey(t)
	synctest.Test(t, func(t *testing.T) {
		p := &provider{behave: well}
		p.publishes("0", first)
		verifier, _ := p.follow(t)
		// The very first token comes before the keys do, and waits.
		if reason, _ := outcome(t, verifier, signed(t, "0", first, "u")); reason != "" {
			t.Fatal(reason)
		}
		for i := range 5 {
			id, key := fmt.Sprint("new", i), newCurveKey(t)
			p.publishes("0", first, id, key)
			for _, token := range []string{signed(t, id, key, "n"), signed(t, "0", first, fmt.Sprint("o", i))} {
				if reason, took := outcome(t, verifier, token); reason != "" || took > 0 {
					t.Errorf("rotation %d: %q after %s", i, reason, took)
				}
			}
		}
		if p.fetched() != 6 || p.searches != 1 {
			t.Errorf("%d fetches, %d searches", p.fetched(), p.searches)
		}
	})
}

// Strangers cause a fetch in five seconds at most, with key ids that nobody has or with none; and none at all
// with the id of a key that is known.
func TestForgedTokensCauseFewFetches(t *testing.T) {
	t.Parallel()
	key, other := newCurveKey(t), newCurveKey(t)
	synctest.Test(t, func(t *testing.T) {
		p := &provider{behave: well}
		p.publishes("known", key)
		verifier, _ := p.follow(t)
		sleep(time.Second)
		forge := func(id func(int) string, want int) {
			t.Helper()
			before := p.fetched()
			var all sync.WaitGroup
			for i := range 50 {
				all.Go(func() {
					if reason, _ := outcome(t, verifier, signed(t, id(i), other, "x")); reason != auth.ReasonSignature {
						t.Errorf("a forged token: %q", reason)
					}
				})
			}
			all.Wait()
			for i := range 50 {
				if reason, took := outcome(t, verifier, signed(t, id(i), other, "x")); reason == "" || took > 0 {
					t.Errorf("a forged token: %q after %s", reason, took)
				}
			}
			if got := p.fetched() - before; got != want {
				t.Errorf("%d fetches, want %d", got, want)
			}
		}
		forge(func(int) string { return "known" }, 0)
		forge(func(i int) string { return fmt.Sprint("nobody's", i) }, 1)
		forge(func(int) string { return "" }, 0)
		sleep(5 * time.Second)
		forge(func(int) string { return "" }, 1)
		// A key that came meanwhile is there after the five seconds, whoever asked in between.
		p.publishes("known", key, "new", other)
		sleep(5 * time.Second)
		if reason, _ := outcome(t, verifier, signed(t, "new", other, "u")); reason != "" {
			t.Error(reason)
		}
	})
}

// While a fetch hangs, tokens with known keys do not notice; the others are refused after ten seconds,
// and are accepted as soon as the provider is well again.
func TestAFetchThatHangs(t *testing.T) {
	t.Parallel()
	key, next := newCurveKey(t), newCurveKey(t)
	for name, behave := range map[string]behaviour{
		"hangs": hangs, "stalls": stalls, "hangs on keys": keysOnly(hangs), "stalls on keys": keysOnly(stalls),
		"slower than allowed": takes(time.Minute),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &provider{behave: well}
				p.publishes("old", key)
				verifier, _ := p.follow(t)
				sleep(time.Second)
				p.publishes("old", key, "new", next)
				p.becomes(behave)
				waiting := make(chan auth.Reason, 600)
				for i := range cap(waiting) {
					go func() {
						reason, took := outcome(t, verifier, signed(t, "new", next, fmt.Sprint(i)))
						if took > 10*time.Second {
							t.Errorf("a token waited %s", took)
						}
						waiting <- reason
					}()
				}
				synctest.Wait()
				if refused := len(waiting); refused != 600-512 {
					t.Errorf("%d tokens are refused at once; 512 wait", refused)
				}
				if reason, took := outcome(t, verifier, signed(t, "old", key, "u")); reason != "" || took > 0 {
					t.Errorf("a known key: %q after %s", reason, took)
				}
				for range cap(waiting) {
					if reason := <-waiting; reason != auth.ReasonUnavailable {
						t.Errorf("a new key: %q", reason)
					}
				}
				p.becomes(well)
				reason, took := outcome(t, verifier, signed(t, "new", next, "u"))
				if reason != "" || took > 3*time.Second {
					t.Errorf("after that: %q after %s", reason, took)
				}
				if reason, took := outcome(t, verifier, signed(t, "new", next, "v")); reason != "" || took > 0 {
					t.Errorf("later: %q after %s", reason, took)
				}
			})
		})
	}
}

// A provider that is away, or talks nonsense, leaves the last keys in force; its new keys work when it is
// back, even for the first token.
func TestAProviderThatFails(t *testing.T) {
	t.Parallel()
	key, next := newCurveKey(t), newCurveKey(t)
	for name, behave := range map[string]behaviour{
		"away": away, "503": says(503, "down"), "no JSON": says(200, "<html>"), "no key set": says(200, `{}`),
		"null": says(200, `null`), "too long": says(200, `{"keys": [`+strings.Repeat(" ", 2<<20)+`]}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &provider{behave: well}
				p.publishes("old", key)
				verifier, log := p.follow(t)
				sleep(time.Second)
				p.becomes(behave)
				p.publishes("old", key, "new", next)
				for i := range 20 {
					sleep(time.Minute / 2)
					if reason, _ := outcome(t, verifier, signed(t, "old", key, fmt.Sprint(i))); reason != "" {
						t.Errorf("an old key: %q", reason)
					}
					if reason, took := outcome(t, verifier, signed(t, "new", next, "u")); reason != auth.ReasonUnavailable ||
						took > 0 {
						t.Errorf("a new key: %q after %s", reason, took)
					}
				}
				if warnings := strings.Count(log.String(), "level=WARN"); warnings != 1 || !verifier.Ready(t.Context()) {
					t.Errorf("ready %v; the log says the outage %d times:\n%s", verifier.Ready(t.Context()), warnings, log)
				}
				p.becomes(well)
				sleep(5 * time.Second)
				if reason, _ := outcome(t, verifier, signed(t, "new", next, "u")); reason != "" {
					t.Error(reason)
				}
				synctest.Wait()
				if !strings.Contains(log.String(), `msg="the OpenID Connect provider responds"`) {
					t.Errorf("the log does not say its end:\n%s", log)
				}
			})
		})
	}
}

var retryIn = regexp.MustCompile(`level=WARN .*no one can sign in.* retryIn=(\S+)`)

// Without the provider at the start the verifier waits with growing delays, and says so.
func TestAProviderThatIsAwayAtFirst(t *testing.T) {
	t.Parallel()
	key := newCurveKey(t)
	for name, behave := range map[string]behaviour{
		"away": away, "hangs": hangs, "keys hang": keysOnly(hangs), "keys away": keysOnly(away),
		"a page":         says(404, strings.Repeat("<p>", 2000)),
		"another issuer": says(200, `{"issuer": "https://other.example"}`),
		"names no keys":  says(200, `{"issuer": "`+testIssuer+`"}`), "no keys": keysOnly(says(200, `{}`)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p := &provider{behave: behave}
				p.publishes("one", key)
				verifier, log := p.follow(t)
				sleep(3 * time.Minute)
				if verifier.Ready(t.Context()) {
					t.Error("it is ready")
				}
				if reason, took := outcome(t, verifier, signed(t, "one", key, "u")); reason != auth.ReasonUnavailable ||
					took > 10*time.Second {
					t.Errorf("%q after %s", reason, took)
				}
				delays := retryIn.FindAllStringSubmatch(log.String(), -1)
				if len(delays) < 5 || len(delays) > 15 {
					t.Fatalf("%d tries in three minutes:\n%s", len(delays), log)
				}
				early, _ := time.ParseDuration(delays[0][1])
				late, _ := time.ParseDuration(delays[len(delays)-1][1])
				if early > 2*time.Second || late < 30*time.Second || len(log.String()) > 1000*len(delays) {
					t.Errorf("first %s, then %s:\n%s", early, late, log)
				}
				p.becomes(well)
				sleep(time.Minute)
				reason, _ := outcome(t, verifier, signed(t, "one", key, "u"))
				if ready := verifier.Ready(t.Context()); reason != "" || !ready {
					t.Errorf("then %q, ready %v", reason, ready)
				}
			})
		})
	}
}

// A provider that is slow is waited for.
func TestASlowProvider(t *testing.T) {
	t.Parallel()
	key := newCurveKey(t)
	synctest.Test(t, func(t *testing.T) {
		p := &provider{behave: takes(4 * time.Second)}
		p.publishes("one", key)
		verifier, _ := p.follow(t)
		if reason, took := outcome(t, verifier, signed(t, "one", key, "u")); reason != "" || took != 8*time.Second {
			t.Errorf("%q after %s", reason, took)
		}
	})
}

// A key that the provider withdraws loses its effect within a minute, for remembered tokens too, and
// others are accepted all the time.
func TestKeysThatAreWithdrawn(t *testing.T) {
	t.Parallel()
	bad, good := newCurveKey(t), newCurveKey(t)
	synctest.Test(t, func(t *testing.T) {
		p := &provider{behave: well}
		p.publishes("bad", bad, "good", good)
		verifier, _ := p.follow(t)
		sleep(30 * time.Second)
		withBad, withGood := signed(t, "bad", bad, "u"), signed(t, "good", good, "u")
		p.publishes("good", good)
		for second := range 61 {
			reason, _ := outcome(t, verifier, withBad)
			if second == 0 && reason != "" || second == 60 && reason != auth.ReasonSignature {
				t.Errorf("after %d s: %q", second, reason)
			}
			if reason, _ := outcome(t, verifier, withGood); reason != "" {
				t.Errorf("the other key after %d s: %q", second, reason)
			}
			sleep(time.Second)
		}
		p.publishes()
		sleep(time.Minute)
		reason, _ := outcome(t, verifier, withGood)
		if ready := verifier.Ready(t.Context()); reason != auth.ReasonSignature || !ready {
			t.Errorf("without any key: %q, ready %v", reason, ready)
		}
	})
}

// What the verifier cannot use of a key set it leaves out, and uses the rest.
func TestKeysOfOtherKinds(t *testing.T) {
	t.Parallel()
	key := newCurveKey(t)
	synctest.Test(t, func(t *testing.T) {
		p := &provider{behave: well}
		p.publishes("one", key)
		p.keys = append([]any{
			json.RawMessage(`{"kty": "OKP", "crv": "X448", "kid": "a", "x": "AAAA"}`),
			json.RawMessage(`{"kty": "new"}`), json.RawMessage(`7`),
			json.RawMessage(`{"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}`),
			json.RawMessage(`{"kty": "oct", "kid": "secret", "k": "c2VjcmV0"}`), json.RawMessage(`null`),
		}, p.keys...)
		verifier, _ := p.follow(t)
		if reason, _ := outcome(t, verifier, signed(t, "one", key, "u")); reason != "" {
			t.Error(reason)
		}
	})
}

// Over a connection, too, a provider that has taken a request and does not answer holds up the tokens that need
// the answer, and no others.
func TestAConnectionThatHangs(t *testing.T) {
	t.Parallel()
	key, next := newCurveKey(t), newCurveKey(t)
	p := &provider{behave: well}
	p.publishes("old", key)
	asked, answer := make(chan struct{}, 10), make(chan struct{})
	var hanging atomic.Bool
	server := httptest.NewUnstartedServer(nil)
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if hanging.Load() {
			asked <- struct{}{}
			<-answer
		}
		document := map[string]any{"issuer": server.URL, "jwks_uri": server.URL + "/keys"}
		if r.URL.Path == "/keys" {
			p.mu.Lock()
			defer p.mu.Unlock()
			document = map[string]any{"keys": p.keys}
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(document)
	})
	server.Start()
	defer server.Close()
	verifier, err := auth.NewVerifier(auth.Config{Issuer: server.URL, Audience: testAudience})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- verifier.Run(ctx) }()
	token := func(id string, key *ecdsa.PrivateKey) string {
		return signedBy(t, server.URL, id, key, "u")
	}
	if reason, _ := outcome(t, verifier, token("old", key)); reason != "" {
		t.Fatal(reason)
	}
	hanging.Store(true)
	waiting := make(chan auth.Reason, 1)
	go func() {
		reason, _ := outcome(t, verifier, token("new", next))
		waiting <- reason
	}()
	<-asked
	if reason, _ := outcome(t, verifier, token("old", key)); reason != "" {
		t.Errorf("a known key meanwhile: %q", reason)
	}
	p.publishes("old", key, "new", next)
	close(answer)
	if reason := <-waiting; reason != "" {
		t.Errorf("the new key: %q", reason)
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
