package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// award is a template whose certificates have a picture. Its title is one of theirs that is signed, so that an edit of it
// touches the page of the template alone; one of the layout touches every picture.
const award = "---\ntype: achievement\ntitle: {zh: %q, en: %q}\ndescription: {zh: 说明, en: Description}\nlayout: %s\nfiles: [png]\n---\n做成。\n\nDone.\n"

// edit fills a daemon, nine tenths with courses that have no picture and a tenth with awards, and edits title and layout of
// the awards. Until the daemon has brought the tree up to date, exams with all files are issued, one at a time.
func (w *workshop) edit(ctx context.Context, n int) error {
	d, err := w.daemon(ctx)
	if err != nil {
		return err
	}
	defer d.stop()
	if err := d.look("achievement", fmt.Sprintf(award, "荣誉证书", "Award", "classical")); err != nil {
		return err
	}
	if err := d.fill(ctx, n-n/10); err != nil {
		return err
	}
	if err := d.fillWith(ctx, n, `{"template":"achievement","recipient":{"id":"a%d","name":"王伟"},"achievement":{"id":"A-1","name":"年度安全标兵"}}`); err != nil {
		return err
	}
	for len(d.built) > 0 {
		<-d.built
	}
	calm, err := d.exams(ctx, 100, nil)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := d.look("achievement", fmt.Sprintf(award, "荣誉证书（修订）", "Award, revised", "modern")); err != nil {
		return err
	}
	var b built
	meanwhile, err := d.exams(ctx, 0, func() bool {
		select {
		case b = <-d.built:
			return true
		default:
			return false
		}
	})
	if err != nil {
		return err
	}
	if b.Level == "ERROR" {
		return fmt.Errorf("certd: %s: %s", b.Msg, b.Error)
	}
	took := time.Since(began)
	courses, awards, err := rewritten(d.public, began)
	if err != nil {
		return err
	}
	fmt.Printf("%d certificates, title and layout of a tenth of them edited\n", n)
	fmt.Printf("  brought up to date in %.1f s: %d files built, %d as they were\n", took.Seconds(), b.Built, b.Unchanged)
	fmt.Printf("  files written again of the tenth %d, of the others %d\n", awards, courses)
	fmt.Printf("  an exam with all files, from the request until they are on the disk: median %.1f ms, the longest %.1f ms (%d issued meanwhile); before the edit median %.1f ms, the longest %.1f ms\n\n",
		ms(meanwhile[len(meanwhile)/2]), ms(meanwhile[len(meanwhile)-1]), len(meanwhile), ms(calm[len(calm)/2]), ms(calm[len(calm)-1]))
	return os.RemoveAll(d.data)
}

// exams issues exams until there are n, or until enough says so, and returns how long each took, the shortest first.
func (d *daemon) exams(ctx context.Context, n int, enough func() bool) ([]time.Duration, error) {
	var all []time.Duration
	for (enough == nil && len(all) < n) || (enough != nil && !enough()) {
		_, took, err := d.issue(ctx, true)
		if err != nil {
			return nil, err
		}
		all = append(all, took)
	}
	if len(all) == 0 {
		return nil, errors.New("the edit was over before anything was issued; give a larger number")
	}
	slices.Sort(all)
	return all, nil
}

// rewritten counts the files of certificates that were written since a moment: of those without a picture, and of those
// with a picture and no PDF. The others are exams.
func rewritten(public string, since time.Time) (courses, awards int, err error) {
	numbers, err := os.ReadDir(filepath.Join(public, "c"))
	for _, e := range numbers {
		files, err := os.ReadDir(filepath.Join(public, "c", e.Name()))
		if err != nil {
			return 0, 0, err
		}
		n, picture, document := 0, false, false
		for _, f := range files {
			info, err := f.Info()
			if err != nil {
				return 0, 0, err
			}
			if info.ModTime().After(since) {
				n++
			}
			picture = picture || f.Name() == "certificate.png"
			document = document || f.Name() == "certificate.pdf"
		}
		switch {
		case !picture:
			courses += n
		case !document:
			awards += n
		}
	}
	return courses, awards, err
}
