package site

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"laurel/certlog"
	"laurel/credential"
)

// place is a certificate's place in both lists of a pair.
type place struct{ list, index uint32 }

// spoken is an entry of the log that records a statement.
type spoken struct {
	at int64
	certlog.Entry
}

// speaks takes note of what the log says of a place.
func (c *checker) speaks(at int64, e certlog.Entry) {
	if e.Kind == certlog.Issue || e.List == certlog.NoList {
		return
	}
	p := place{e.List, e.Index}
	c.spoken[p] = append(c.spoken[p], spoken{at, e})
}

// statements reads what was said of a certificate; nil where nothing was. ok is false where that cannot be told.
func (c *checker) statements(n credential.Number) (said *credential.Statements, ok bool) {
	path := StatusPath(n)
	data, err := readDocument(c.dir, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, true
	}
	if err == nil {
		_, err = credential.VerifyStatements(data, c.keys)
	}
	if err == nil {
		err = credential.Canonical(data)
	}
	if err == nil {
		if said, err = c.site.said(n, data); err == nil {
			return said, true
		}
		err = trimPath(path, err)
	}
	c.problem(path, "%v", err)
	return nil, false
}

// erased holds what is left of an erased certificate against what has to be.
func (c *checker) erased(n credential.Number, said *credential.Statements) {
	last := said.Last()
	c.bits(StatusPath(n), place{uint32(last.List), last.Index}, Revoked)
	c.entries(n, place{uint32(last.List), last.Index}, said)
	if page, err := c.renderer.erasedPage(c.site, Papers{Statements: said}); err != nil {
		c.problem(PagePath(n), "%v", err)
	} else {
		c.compare(PagePath(n), page)
	}
	c.folder(n, []string{StatusPath(n), PagePath(n)})
}

// status holds the statements on a certificate against its place in both lists and against the log.
func (c *checker) status(p Papers) {
	n := p.Credential.Number()
	list, index := p.Credential.StatusPlace()
	at := place{uint32(list), index}
	path, standing := CredentialPath(n), p.Standing()
	if p.Statements != nil {
		path = StatusPath(n)
		if last := p.Statements.Last(); last.List != list || last.Index != index {
			c.problem(path, "of place %d in list %d, but the certificate has place %d in list %d; certd export writes both anew", last.Index, last.List, index, list)
			return
		}
	}
	c.bits(path, at, standing)
	c.entries(n, at, p.Statements)
	if standing == Superseded {
		c.replacement(path, p.Statements.Last().Replacement)
	}
}

// bits looks a place up in both of its lists, which have to say what the statements do.
func (c *checker) bits(path string, at place, standing string) {
	for _, purpose := range []string{Revocation, Suspension} {
		url := c.site.BaseURL + "/" + StatusListPath(purpose, int(at.list))
		l, ok := c.lists[url]
		if !ok {
			c.problem(path, "its %s list %s is not there, or does not verify", purpose, url)
			continue
		}
		on, err := l.Get(at.index)
		want := purpose == Revocation && (standing == Revoked || standing == Superseded) || purpose == Suspension && standing == Suspended
		switch {
		case err != nil:
			c.problem(path, "%s list %s: %v", purpose, url, err)
		case on && !want:
			c.problem(path, "the %s list %s withdraws it (index %d), and no statement in force says so; certd export writes both anew", purpose, url, at.index)
		case want && !on:
			c.problem(path, "it is %s by the statement in force, and the %s list %s does not say so (index %d); certd export writes both anew", standing, purpose, url, at.index)
		}
	}
}

// entries compares the statements with the log: each has its entry, and each entry its statement.
func (c *checker) entries(n credential.Number, at place, said *credential.Statements) {
	if c.log == nil {
		return
	}
	path, recorded := StatusPath(n), c.spoken[at]
	var all []credential.Statement
	if said != nil {
		all = said.All
	}
	for _, s := range all {
		i := slices.IndexFunc(recorded, func(e spoken) bool { return e.at == s.LogIndex })
		switch {
		case i < 0 && s.LogIndex >= c.log.now.Size:
			c.problem(path, "%s of %s is entry %d of the log, whose checkpoint has %d; certd publishes that last", s.Status, s.Time, s.LogIndex, c.log.now.Size)
		case i < 0 || recorded[i].Kind != s.Kind() || recorded[i].Digest != s.Digest() || !sameSecond(s.Time, recorded[i].Time):
			c.problem(path, "%s of %s is not what the log has as entry %d", s.Status, s.Time, s.LogIndex)
		}
	}
	for _, e := range recorded {
		if !slices.ContainsFunc(all, func(s credential.Statement) bool { return s.LogIndex == e.at }) {
			c.problem(path, "entry %d of the log says something of this certificate that no statement does; certd export writes it anew", e.at)
		}
	}
}

// sameSecond reports whether a time of a statement is that of a log entry, which is in milliseconds.
func sameSecond(text string, ms int64) bool {
	t, err := time.Parse(time.RFC3339, text)
	return err == nil && t.Unix() == ms/1000
}

// replacement looks for the certificate that took another's place.
func (c *checker) replacement(path string, n credential.Number) {
	src, err := readSource(c.dir, n)
	if err != nil {
		c.problem(path, "the certificate that replaces it: %v", err)
	} else if src.doc == nil && src.statements == nil {
		c.problem(path, "it was replaced by %s, which is not there; certd export writes it anew", n)
	}
}

// trimPath takes the path off an error that begins with it.
func trimPath(path string, err error) error {
	return errors.New(strings.TrimPrefix(err.Error(), path+": "))
}
