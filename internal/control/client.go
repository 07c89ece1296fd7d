// Package control talks to a running certd over its control socket: HTTP over a Unix socket that only its
// owner may open. bbolt locks the records against every other process, and one builder holds the public
// tree, so whatever needs either while the daemon runs has to ask the daemon.
package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// ErrNoDaemon means that nobody answers at the socket. The error returned names it.
var ErrNoDaemon = errors.New("no certd answers")

// Client asks one daemon. It is safe for concurrent use.
type Client struct {
	socket string
	http   *http.Client
}

// Dial returns a client of the daemon at socket. Nothing is connected before the first call.
func Dial(socket string) *Client {
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, socket) },
	}
	return &Client{socket: socket, http: &http.Client{Transport: transport}}
}

// Close drops idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Changes counts the files of the public tree that a build wrote, left as they were, and removed.
type Changes struct {
	Built     int `json:"built"`
	Unchanged int `json:"unchanged"`
	Removed   int `json:"removed"`
}

// Health is what the daemon says of itself.
type Health struct {
	Ready   bool   `json:"ready"`
	Pending int    `json:"pending"` // certificates recorded and not yet published
	Behind  bool   `json:"behind"`  // these, or documents of the site, or the log's head, are not published yet
	Problem string `json:"problem"` // why it is not ready or cannot publish; "" when all is well
}

// Token is an API token without its secret.
type Token struct {
	ID      string    `json:"id,omitempty"`
	Name    string    `json:"name"`
	Scopes  []string  `json:"scopes"`
	Created time.Time `json:"created,omitzero"`
	Expires time.Time `json:"expires,omitzero"` // zero: never
	Revoked time.Time `json:"revoked,omitzero"` // zero: in force

	Organisation string    `json:"organisation,omitempty"` // "": all
	LastUsed     time.Time `json:"last_used,omitzero"`     // to about a minute; zero: never
}

// Progress is one line of a streamed answer of the daemon: stage and changes so far, and on the last line Done or Error.
type Progress struct {
	Stage string `json:"stage,omitempty"`
	At    int    `json:"at,omitempty"` // of Total, in this stage
	Total int    `json:"total,omitempty"`
	Changes
	Done  bool   `json:"done,omitempty"`
	Error string `json:"error,omitempty"`
}

// Health asks how the daemon is. The error is ErrNoDaemon where none answers.
func (c *Client) Health(ctx context.Context) (Health, error) {
	var h Health
	err := c.ask(ctx, http.MethodGet, "/control/health", nil, &h)
	return h, err
}

// Build has the daemon build its whole public tree and calls onProgress (which may be nil) with the counts
// so far, several times a second.
func (c *Client) Build(ctx context.Context, onProgress func(Progress)) (Changes, error) {
	return c.stream(ctx, "/control/build", onProgress)
}

// Export has the daemon write every signed document anew and build the tree.
func (c *Client) Export(ctx context.Context, onProgress func(Progress)) (Changes, error) {
	return c.stream(ctx, "/control/export", onProgress)
}

// Issue sends requests, one JSON document a line, and copies the result lines to w as they come, in order:
// {"line":N,"status":S,"receipt":{…}} or {"line":N,"status":S,"problem":{…}}.
func (c *Client) Issue(ctx context.Context, requests io.Reader, w io.Writer) error {
	return c.lines(ctx, "/v1/certificates/bulk", requests, w)
}

// Check is Issue with nothing issued: a line that would be has status 201 and no receipt.
func (c *Client) Check(ctx context.Context, requests io.Reader, w io.Writer) error {
	return c.lines(ctx, "/control/check", requests, w)
}

func (c *Client) lines(ctx context.Context, path string, requests io.Reader, w io.Writer) error {
	res, err := c.do(ctx, http.MethodPost, path, "application/x-ndjson", requests)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if _, err = io.Copy(w, res.Body); err != nil {
		return fmt.Errorf("certd stopped answering before it was done (%w); send the requests again: what was issued is not issued twice", err)
	}
	return nil
}

// Tokens lists the API tokens, oldest first.
func (c *Client) Tokens(ctx context.Context) ([]Token, error) {
	var tokens []Token
	err := c.ask(ctx, http.MethodGet, "/control/tokens", nil, &tokens)
	return tokens, err
}

// CreateToken makes an API token and returns its secret, which cannot be had again. Of t, name, scopes, organisation
// and expiry count.
func (c *Client) CreateToken(ctx context.Context, t Token) (secret string, err error) {
	var made struct {
		Token string `json:"token"`
	}
	err = c.ask(ctx, http.MethodPost, "/control/tokens", t, &made)
	return made.Token, err
}

// RotateToken makes a token with the rights of the one in force of a name, which counts until a time, and returns its
// secret. expires is the new one's; zero: never.
func (c *Client) RotateToken(ctx context.Context, name string, until, expires time.Time) (secret string, err error) {
	var made struct {
		Token string `json:"token"`
	}
	err = c.ask(ctx, http.MethodPost, "/control/tokens/"+url.PathEscape(name)+"/rotation", map[string]time.Time{"until": until, "expires": expires}, &made)
	return made.Token, err
}

// RevokeToken ends a token, given by its id or its name.
func (c *Client) RevokeToken(ctx context.Context, token string) error {
	return c.ask(ctx, http.MethodDelete, "/control/tokens/"+url.PathEscape(token), nil, nil)
}

// Snapshot writes a consistent copy of the records to w while the daemon goes on.
func (c *Client) Snapshot(ctx context.Context, w io.Writer) error {
	res, err := c.do(ctx, http.MethodGet, "/control/snapshot", "", nil)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, err = io.Copy(w, res.Body)
	return err
}

func (c *Client) stream(ctx context.Context, path string, onProgress func(Progress)) (Changes, error) {
	res, err := c.do(ctx, http.MethodPost, path, "", nil)
	if err != nil {
		return Changes{}, err
	}
	defer res.Body.Close()
	for dec := json.NewDecoder(res.Body); ; {
		var p Progress
		switch err := dec.Decode(&p); {
		case err != nil:
			return p.Changes, fmt.Errorf("certd stopped answering before it was done: %w", err)
		case p.Error != "":
			return p.Changes, errors.New(p.Error)
		case p.Done:
			return p.Changes, nil
		case onProgress != nil:
			onProgress(p)
		}
	}
}

func (c *Client) ask(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	var kind string
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body, kind = bytes.NewReader(data), "application/json"
	}
	res, err := c.do(ctx, method, path, kind, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if out == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(out)
}

// do sends one request; an answer that is no success becomes an error with the words of its problem document.
func (c *Client) do(ctx context.Context, method, path, kind string, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://certd"+path, body)
	if err != nil {
		return nil, err
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	res, err := c.http.Do(req)
	if err != nil {
		if errors.Is(err, syscall.ENOENT) || errors.Is(err, syscall.ECONNREFUSED) {
			return nil, fmt.Errorf("%w at %s", ErrNoDaemon, c.socket)
		}
		return nil, fmt.Errorf("control socket %s: %w", c.socket, err)
	}
	if res.StatusCode/100 != 2 {
		defer res.Body.Close()
		return nil, problem(res)
	}
	return res, nil
}

// problem reads the RFC 9457 document of a refused request.
func problem(res *http.Response) error {
	var p struct {
		Title, Detail string
		Errors        []struct{ Location, Message string }
	}
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if kind != "application/problem+json" || json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&p) != nil {
		return fmt.Errorf("certd answered %s", res.Status)
	}
	parts := []string{p.Detail}
	if p.Detail == "" {
		parts[0] = p.Title
	}
	for _, e := range p.Errors {
		parts = append(parts, strings.TrimPrefix(e.Location+": "+e.Message, ": "))
	}
	return errors.New(strings.ReplaceAll(strings.Join(parts, "; "), ".; ", ". "))
}
