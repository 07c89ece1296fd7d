package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"laurel/credential"
	"laurel/internal/durable"
	"laurel/site"
)

const auditAbout = `certgen audit --from URL|DIR --state FILE plays the monitor of a certificate site: it follows the public log from visit to
visit and holds the site against it. From an address it looks at the log, its times and both status lists, and at the
certificates whose numbers --numbers gives; from a folder, at every certificate too, and that none is missing. What it
finds it says in a sentence each, and exits with 1. FILE remembers the visit; it stays as it was while there is a finding,
so that the finding comes again, and what was seen before is kept as evidence.
`

type auditFlags struct {
	from, state, numbers string
	quiet, json          bool
}

func audit(ctx context.Context, args []string, stdout, _ io.Writer) error {
	var o auditFlags
	f := newFlags("audit", auditAbout)
	f.StringVar(&o.from, "from", "", "the site's address, or a `URL|DIR` with a copy of its tree")
	f.StringVar(&o.state, "state", "", "the `FILE` that remembers the last visit; made by the first")
	f.StringVar(&o.numbers, "numbers", "", "a `FILE` with certificate numbers, one a line, to look at besides")
	f.BoolVar(&o.quiet, "quiet", false, "print findings alone")
	f.BoolVar(&o.json, "json", false, "print the report as JSON")
	if done, err := f.none(args, stdout); done || err != nil {
		return err
	}
	if o.from == "" || o.state == "" {
		return &usageError{"audit: --from and --state are needed: what to look at, and where to remember it"}
	}
	last, err := readAuditState(o.state)
	if err != nil {
		return err
	}
	source, err := o.source(ctx)
	if err != nil {
		return err
	}
	report, next, err := site.Audit(ctx, source, last)
	if err != nil {
		return err
	}
	if err := o.print(stdout, report); err != nil {
		return err
	}
	if len(report.Findings) > 0 {
		return errFailed
	}
	data, err := json.MarshalIndent(next, "", " ")
	if err != nil {
		return err
	}
	return durable.WriteFileSync(o.state, append(data, '\n'), 0o644)
}

// readAuditState returns nil before the first visit.
func readAuditState(path string) (*site.AuditState, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s, err := site.ParseAuditState(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w; name another file to begin anew", path, err)
	}
	return s, nil
}

// source says what there is to look at.
func (o *auditFlags) source(ctx context.Context) (s site.AuditSource, err error) {
	if strings.Contains(o.from, "://") {
		s.File, err = fetcher(ctx, o.from)
	} else {
		if _, err := os.Stat(o.from); err != nil {
			return s, err
		}
		s.File, s.Whole = site.TreeFile(o.from), true
		s.Numbers, err = site.Numbers(o.from)
	}
	if err != nil || o.numbers == "" {
		return s, err
	}
	more, err := readNumbers(o.numbers)
	s.Numbers = append(s.Numbers, more...)
	slices.Sort(s.Numbers)
	s.Numbers = slices.Compact(s.Numbers)
	return s, err
}

// readNumbers reads a number a line; empty lines and those that begin with # are none.
func readNumbers(path string) (numbers []credential.Number, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for at := 1; lines.Scan(); at++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		n, err := credential.ParseNumber(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, at, err)
		}
		numbers = append(numbers, n)
	}
	return numbers, lines.Err()
}

// fetchTime is how long one file of a site may take.
const fetchTime = 30 * time.Second

// fetcher reads the files below an address. It follows no redirect, so that nobody but that host answers for it.
func fetcher(ctx context.Context, base string) (func(path string) ([]byte, error), error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, &usageError{fmt.Sprintf("audit: %q is no address of a site; give one as https://certs.example.org", base)}
	}
	client := &http.Client{
		Timeout:       fetchTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	base = strings.TrimSuffix(base, "/") + "/"
	return func(path string) ([]byte, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+path, nil)
		if err != nil {
			return nil, err
		}
		answer, err := client.Do(r)
		if err != nil {
			return nil, err
		}
		defer answer.Body.Close()
		switch answer.StatusCode {
		case http.StatusOK:
		case http.StatusNotFound, http.StatusGone:
			return nil, fmt.Errorf("%s: %w", base+path, fs.ErrNotExist)
		default:
			return nil, fmt.Errorf("%s: %s", base+path, answer.Status)
		}
		data, err := io.ReadAll(io.LimitReader(answer.Body, site.MaxDocument+1))
		if err == nil && len(data) > site.MaxDocument {
			err = fmt.Errorf("%s: more than %d bytes", base+path, site.MaxDocument)
		}
		return data, err
	}, nil
}

func (o *auditFlags) print(w io.Writer, r site.AuditReport) error {
	if o.json {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		return e.Encode(r)
	}
	for _, f := range r.Findings {
		if _, err := fmt.Fprintln(w, f); err != nil {
			return err
		}
	}
	if o.quiet {
		return nil
	}
	_, err := fmt.Fprintf(w, "%d entries, %d of them new, as of %s; %d certificates, %d findings\n", r.Entries, r.New, r.AsOf.Format(time.RFC3339), r.Certificates, len(r.Findings))
	return err
}
