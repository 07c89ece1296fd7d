package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"laurel/credential"
	"laurel/site"
)

const checkAbout = `certgen check --public DIR verifies every signed document in DIR, both proofs and every byte, and renders every
page, picture and PDF anew to compare it. The tree's own keys are believed, unless --issuer and --did give those to believe.
Last line: N certificates, P problems. Exit code 1 if there are problems.
`

func check(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var (
		l           looks
		who         issuerFlags
		public      string
		noPicture   bool
		jobs        int
		quiet, asJS bool
	)
	f := newFlags("check", checkAbout)
	f.StringVar(&public, "public", "public", "the public tree, `DIR`")
	l.register(f)
	who.register(f)
	f.BoolVar(&noPicture, "no-picture", false, "compare only the credential in each picture and PDF, which is much faster")
	f.IntVar(&jobs, "jobs", 0, "certificates checked at the same time, `N`; 0 means one for each core")
	f.BoolVar(&quiet, "quiet", false, "print problems alone")
	f.BoolVar(&asJS, "json", false, "print the report as JSON")
	if done, err := f.none(args, stdout); done || err != nil {
		return err
	}
	var keys credential.Keys
	if who.given() {
		var err error
		if keys, err = who.keys("check"); err != nil {
			return err
		}
	}
	if jobs < 0 {
		return &usageError{fmt.Sprintf("check: --jobs %d; give 1 or more, or 0 for one for each core", jobs)}
	}
	if err := noTree(public, site.SettingsPath, site.DIDPath); err != nil {
		return err // what has one of them and not the other is a damaged tree, and reported
	}
	set, err := l.open()
	if err != nil {
		return err
	}
	numbers, err := site.Numbers(public)
	if err != nil {
		return err
	}
	p := newProgress(stdout, stderr, quiet || asJS, false)
	report, err := site.CheckTree(ctx, public, keys, site.CheckOptions{
		Templates: set, FontDirs: l.fontDirs, Jobs: jobs, NoPicture: noPicture, Progress: func(n int) { p.at("checked", n, len(numbers)) },
	})
	p.end()
	if err != nil {
		return err
	}
	if err := printReport(stdout, report, quiet, asJS); err != nil {
		return err
	}
	if len(report.Problems) > 0 {
		return errFailed
	}
	return nil
}

func printReport(w io.Writer, r site.Report, quiet, asJSON bool) error {
	if asJSON {
		if r.Problems == nil {
			r.Problems = []site.Problem{}
		}
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		return e.Encode(r)
	}
	for _, p := range r.Problems {
		if _, err := fmt.Fprintf(w, "%s: %s\n", p.Path, p.Message); err != nil {
			return err
		}
	}
	if quiet {
		return nil
	}
	_, err := fmt.Fprintf(w, "%d certificates, %d problems\n", r.Certificates, len(r.Problems))
	return err
}
