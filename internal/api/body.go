package api

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"

	"laurel/internal/jcs"
)

const (
	maxBody     = 1 << 20          // bytes of one request
	bodyTimeout = 15 * time.Second // for one request to arrive
)

// readBody reads one request body of the given media type.
func readBody(r *http.Request, media string) ([]byte, error) {
	if err := checkMedia(r, media); err != nil {
		return nil, err
	}
	if r.ContentLength > maxBody {
		return nil, tooLarge.problem("The body has %d bytes; at most %d are taken.", r.ContentLength, maxBody)
	}
	// Room for one byte more than expected lets the loop see the end without growing.
	size := 4 << 10
	if r.ContentLength >= 0 {
		size = int(r.ContentLength) + 1
	}
	data := make([]byte, 0, size)
	for {
		n, err := r.Body.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case len(data) > maxBody:
			return nil, tooLarge.problem("At most %d bytes are taken.", maxBody)
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return nil, readFault(err)
		case len(data) == cap(data):
			data = append(data, 0)[:len(data)]
		}
	}
}

func readFault(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return tooSlow.problem("The rest of the body did not arrive.").with("Connection", "close")
	}
	return malformed.problem("The body ended early: %v.", err)
}

func checkMedia(r *http.Request, media string) error {
	if coding := r.Header.Get("Content-Encoding"); coding != "" && coding != "identity" {
		return mediaType.faults(Fault{Location: "header.Content-Encoding", Message: "must be absent: bodies are taken as they are", Value: coding})
	}
	got := r.Header.Get("Content-Type")
	if got == media {
		return nil
	}
	name, params, err := mime.ParseMediaType(got)
	if err == nil && name == media && (params["charset"] == "" || strings.EqualFold(params["charset"], "utf-8")) {
		return nil
	}
	p := mediaType.faults(Fault{Location: "header.Content-Type", Message: "must be " + media, Value: got})
	return p.with("Accept-Post", media)
}

// parse reads strict JSON.
func parse(data []byte) (any, error) {
	if len(data) == 0 {
		return nil, malformed.problem("The body is empty; a JSON object is expected.")
	}
	tree, err := jcs.Parse(data)
	if err == nil {
		return tree, nil
	}
	p := malformed.problem("The body is not acceptable JSON. Nothing was recorded.")
	f := Fault{Location: "body", Message: err.Error()}
	if se, ok := errors.AsType[*jcs.SyntaxError](err); ok {
		f.Location = location(se.Pointer)
	}
	p.Errors = []Fault{f}
	return nil, p
}

// location turns a JSON pointer into the notation of Fault: /recipient/name becomes body.recipient.name.
func location(pointer string) string {
	tokens := strings.Split(pointer, "/")
	for i, t := range tokens {
		tokens[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(t)
	}
	tokens[0] = "body"
	return cut(strings.Join(tokens, "."))
}
