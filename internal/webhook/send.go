package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"laurel/internal/record"
)

const (
	patience    = 20 * time.Second // for one try, from the look-up of the name to the end of the answer
	dialTime    = 10 * time.Second
	mostAnswer  = 64 << 10 // bytes of an answer that are read, so that the connection can be used again
	mostHeaders = 16 << 10
)

// sender makes single tries.
type sender struct {
	clients map[string]*http.Client // by scheme
	source  string
	url     func(number string) string
	who     func(ctx context.Context, number string) (*Recipient, error)
	now     func() time.Time
}

func newSender(c Config) *sender {
	s := &sender{clients: map[string]*http.Client{}, source: c.Source, url: c.URL, who: c.Recipient, now: c.Now}
	for _, scheme := range []string{"http", "https"} {
		s.clients[scheme] = &http.Client{
			Timeout: c.Patience,
			// A redirect is a failure: the receiver is not who was named, and the address was not looked at.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
			Transport: &http.Transport{
				DialContext:         policy{c.Allow}.dialer(scheme, dialTime).DialContext, // no proxy: that would look names up by itself
				TLSHandshakeTimeout: dialTime, MaxResponseHeaderBytes: mostHeaders, MaxIdleConnsPerHost: atOnce, IdleConnTimeout: time.Minute,
				ForceAttemptHTTP2: true, DisableCompression: true,
			},
		}
	}
	return s
}

func (s *sender) close() {
	for _, c := range s.clients {
		c.CloseIdleConnections()
	}
}

// answer is what became of a try.
type answer struct {
	status int           // 0: there was no answer
	wait   time.Duration // that the receiver asks for
	err    error         // nil: it has arrived
}

// send makes one try.
func (s *sender) send(ctx context.Context, to record.Endpoint, d record.Delivery) answer {
	req, err := s.request(ctx, to, d)
	if err != nil {
		return answer{err: err}
	}
	res, err := s.clients[req.URL.Scheme].Do(req)
	if err != nil {
		return answer{err: plain(err)}
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, mostAnswer)
	a := answer{status: res.StatusCode, wait: asked(res)}
	if res.StatusCode/100 != 2 {
		a.err = fmt.Errorf("the receiver answered %d %s", res.StatusCode, http.StatusText(res.StatusCode))
	}
	return a
}

func (s *sender) request(ctx context.Context, to record.Endpoint, d record.Delivery) (*http.Request, error) {
	var who *Recipient
	var err error
	if to.Recipient {
		if who, err = s.who(ctx, string(d.Event.Number)); err != nil {
			return nil, err
		}
	}
	text, err := message(d.Event, s.source, s.url, who)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Laurel")
	now := s.now()
	return req, sign(req.Header, d.Event.ID, now, text, inForce(to.Secrets, now))
}

// plain says what went wrong without the address, which may hold a key in its query.
func plain(err error) error {
	if ue, ok := errors.AsType[*url.Error](err); ok {
		err = ue.Err
	}
	var dns *net.DNSError
	switch {
	case errors.Is(err, ErrAddress):
		return err
	case errors.As(err, &dns):
		return errors.New("the receiver's name could not be looked up")
	case errors.Is(err, context.DeadlineExceeded) || isTimeout(err):
		return errors.New("the receiver did not answer in time")
	}
	return fmt.Errorf("the receiver was not reached: %w", err)
}

func isTimeout(err error) bool {
	var ne net.Error
	return errors.As(err, &ne) && ne.Timeout()
}
