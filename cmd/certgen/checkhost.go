package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"laurel/credential"
	"laurel/site"
)

const checkHostAbout = `certgen check-host URL asks a live site, from outside, for one file of every class: is it there, with the right type, cache
life and CORS header; does a missing page answer 404 with the site's own page; how old is the checkpoint. With --number it
also asks for the files of that certificate and verifies it from what the site serves. Numbers are nowhere listed, so
one has to be given. Last line: N checks, P problems. Exit code 1 if P > 0.
`

type checkHostFlags struct {
	number      string
	maxAge      time.Duration
	timeout     time.Duration
	quiet, json bool
}

func checkHost(ctx context.Context, args []string, stdout, _ io.Writer) error {
	var o checkHostFlags
	f := newFlags("check-host", checkHostAbout)
	f.StringVar(&o.number, "number", "", "`NUMBER` of a certificate of the site, to check its files and verify it")
	f.DurationVar(&o.maxAge, "max-age", 24*time.Hour, "the oldest checkpoint that is no problem, a `DURATION`")
	f.DurationVar(&o.timeout, "timeout", 20*time.Second, "give up an answer after `DURATION`")
	f.BoolVar(&o.quiet, "quiet", false, "print problems and the last line alone")
	f.BoolVar(&o.json, "json", false, "print a JSON object a check")
	addresses, done, err := f.parse(args, stdout)
	if done || err != nil {
		return err
	}
	if len(addresses) != 1 {
		return &usageError{"check-host: give one address, https://HOST"}
	}
	base, err := url.Parse(addresses[0])
	if err != nil || base.Scheme != "https" && base.Scheme != "http" || base.Host == "" || strings.Trim(base.Path, "/") != "" || base.RawQuery != "" {
		return &usageError{fmt.Sprintf("check-host: %q is not the address of a site; give https://HOST", addresses[0])}
	}
	var number credential.Number
	if o.number != "" {
		if number, err = credential.ParseNumber(o.number); err != nil {
			return &usageError{"check-host: --number: " + err.Error()}
		}
	}
	p := newProbe(base.Scheme+"://"+base.Host, o.timeout)
	defer p.close()
	if err := p.all(ctx, number, o.maxAge, time.Now()); err != nil {
		return err
	}
	return o.print(stdout, p.found)
}

// hostFinding is the result of one look at a host.
type hostFinding struct {
	URL     string `json:"url"`
	What    string `json:"what"`
	Result  string `json:"result"` // pass, warn, fail or skip
	Message string `json:"message,omitempty"`
}

func (o *checkHostFlags) print(w io.Writer, found []hostFinding) error {
	problems := 0
	for _, f := range found {
		if f.Result == site.Fail {
			problems++
		}
		var err error
		switch {
		case o.json:
			e := json.NewEncoder(w)
			e.SetEscapeHTML(false)
			err = e.Encode(f)
		case o.quiet && f.Result != site.Fail:
		default:
			_, err = fmt.Fprintf(w, "%-4s %s: %s%s\n", f.Result, f.URL, f.What, after(f.Message))
		}
		if err != nil {
			return err
		}
	}
	if !o.json {
		fmt.Fprintf(w, "%d checks, %d problems\n", len(found), problems)
	}
	if problems > 0 {
		return errFailed
	}
	return nil
}

func after(message string) string {
	if message == "" {
		return ""
	}
	return ": " + message
}
