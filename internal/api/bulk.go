package api

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"laurel/internal/issuer"
)

// bulkWidth is how many requests of one bulk are worked on at once: enough to fill rounds, few enough that
// other callers are served between them.
const bulkWidth = 64

// bulkPatience is how long the next line of a bulk may take. Callers of the control socket have all the time
// they want: a person may be typing.
const bulkPatience = 2 * time.Minute

// BulkLine is one line of the answer to a bulk request.
type BulkLine struct {
	Line    int             `json:"line" doc:"The line of the request, counted from 1."`
	Status  int             `json:"status" doc:"What POST /v1/certificates would have answered."`
	Receipt *issuer.Receipt `json:"receipt,omitempty"`
	Problem *Problem        `json:"problem,omitempty"`
}

// bulk answers POST /v1/certificates/bulk: a result line for each request line, in order, as they come.
func (s *service) bulk(w http.ResponseWriter, r *http.Request, p principal) error {
	q := params(r)
	wait := q.oneOf("wait", "published")
	if err := q.refused(); err != nil {
		return err
	}
	key, err := idempotencyKey(r)
	if err != nil {
		return err
	}
	if err := checkMedia(r, "application/x-ndjson"); err != nil {
		return err
	}
	return s.lines(w, r, p, func(ctx context.Context, line int, body []byte) (*issuer.Receipt, bool, error) {
		call := issuer.Call{Key: key, Wait: wait != "", Patient: true}
		if key != "" {
			call.Key += "#" + strconv.Itoa(line)
		}
		return s.issue(ctx, body, p, call)
	})
}

// lineWork is what is done with one line: it gives the receipt, and whether that is of now.
type lineWork func(ctx context.Context, line int, body []byte) (*issuer.Receipt, bool, error)

// lines answers with a result for each line of the request, in order, as they come.
func (s *service) lines(w http.ResponseWriter, r *http.Request, p principal, work lineWork) error {
	c := http.NewResponseController(w)
	_ = c.EnableFullDuplex() // HTTP/2 always is; HTTP/1 would read the whole body before the first answer
	unhurried(w)
	h := w.Header()
	h.Set("Content-Type", "application/x-ndjson")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	_ = c.Flush()

	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	queue := make(chan chan BulkLine, bulkWidth)
	lines := &lineReader{in: bufio.NewReader(r.Body)}
	if p.kind != ofSocket {
		lines.hurry = func() { _ = c.SetReadDeadline(time.Now().Add(bulkPatience)) }
	}
	go func() {
		defer close(queue)
		s.dispatch(r.WithContext(ctx), lines, work, queue)
	}()
	s.deliver(w, c, queue)
	cancel()
	for range queue { // the body belongs to this request only while its handler runs
	}
	return nil
}

// dispatch starts the work on each line. queue holds the results in order; its capacity bounds the work.
func (s *service) dispatch(r *http.Request, lines *lineReader, work lineWork, queue chan<- chan BulkLine) {
	for {
		body, err := lines.next()
		if errors.Is(err, io.EOF) {
			return
		}
		result := make(chan BulkLine, 1)
		select {
		case queue <- result:
		case <-r.Context().Done():
			return
		}
		line := lines.line
		if err != nil {
			result <- s.failed(r, line, err)
			if _, ok := errors.AsType[*lineTooLong](err); ok {
				continue
			}
			return
		}
		go func() { result <- s.workLine(r, line, body, work) }()
	}
}

func (s *service) workLine(r *http.Request, line int, body []byte, work lineWork) (result BulkLine) {
	defer func() {
		if v := recover(); v != nil {
			result = s.failed(r, line, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
		}
	}()
	receipt, first, err := work(r.Context(), line, body)
	if err != nil {
		return s.failed(r, line, err)
	}
	if first {
		return BulkLine{Line: line, Status: http.StatusCreated, Receipt: receipt}
	}
	return BulkLine{Line: line, Status: http.StatusOK, Receipt: receipt}
}

func (s *service) failed(r *http.Request, line int, err error) BulkLine {
	p := asProblem(r, s.log, err)
	return BulkLine{Line: line, Status: p.Status, Problem: p}
}

// deliver writes results in order, and flushes whenever it would have to wait for the next.
func (s *service) deliver(w http.ResponseWriter, c *http.ResponseController, queue <-chan chan BulkLine) {
	for result := range queue {
		if len(result) == 0 {
			_ = c.Flush()
		}
		if err := encode(w, <-result); err != nil {
			_ = c.SetReadDeadline(time.Now())
			return // the caller has gone
		}
		if len(queue) == 0 {
			_ = c.Flush()
		}
	}
}

// lineReader reads lines of at most maxBody bytes.
type lineReader struct {
	in    *bufio.Reader
	hurry func() // called before each line; nil does nothing
	line  int    // the last line read, counted from 1
}

// lineTooLong is a line that was skipped.
type lineTooLong struct{ *Problem }

func (e *lineTooLong) Unwrap() error { return e.Problem }

// next returns a copy of the next line that is not blank; io.EOF after the last.
func (l *lineReader) next() ([]byte, error) {
	for {
		line, err := l.read()
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(line)) > 0 {
			return line, nil
		}
	}
}

func (l *lineReader) read() ([]byte, error) {
	if l.hurry != nil {
		l.hurry()
	}
	var line []byte
	tooLong := false
	l.line++
	for {
		part, err := l.in.ReadSlice('\n')
		if tooLong = tooLong || len(line)+len(part) > maxBody; !tooLong {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && len(line)+len(part) > 0, err == nil:
		case errors.Is(err, io.EOF):
			return nil, io.EOF
		case err != nil:
			return nil, readFault(err)
		}
		if tooLong {
			return nil, &lineTooLong{tooLarge.problem("Line %d is longer than %d bytes.", l.line, maxBody)}
		}
		return line, nil
	}
}

// check answers POST /control/check: what POST /v1/certificates/bulk would say of each line, with nothing issued. A
// line that would be issued has status 201 and no receipt.
func (s *service) check(w http.ResponseWriter, r *http.Request, p principal) error {
	if err := checkMedia(r, "application/x-ndjson"); err != nil {
		return err
	}
	return s.lines(w, r, p, func(ctx context.Context, _ int, body []byte) (*issuer.Receipt, bool, error) {
		req, _, err := decodeRequest(body)
		if err != nil {
			return nil, false, err
		}
		if err := p.mayIssue(&req); err != nil {
			return nil, false, err
		}
		before, err := s.issuer.Check(ctx, req, issuer.Call{Principal: p.id, Reach: p.readsOnIssue()})
		return p.show(before), before == nil, issueProblem(err)
	})
}
