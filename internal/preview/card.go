package preview

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"hash/fnv"
	"net/url"
	"slices"
	"sync"

	"laurel/credential"
	"laurel/internal/picture"
	"laurel/site"
	"laurel/templates"
)

// card is one template in one layout and language with one sample. It does not change, but for what is painted when it
// is first looked at.
type card struct {
	Template *templates.Certificate
	Layout   string
	Language string
	Sample   sample
	Default  bool  // the template's own layout, and a language it can come out in
	Err      error // why it cannot be set; then the picture is that of the last good state, if there was one

	facts   credential.Facts
	look    *picture.Layout // what it was composed by
	picture *picture.Picture
	version string // another for every picture
	png     *painted
}

// painted is a picture once it was asked for.
type painted struct {
	once sync.Once
	data []byte
	err  error
}

// look is a compiled layout with a number of its own, so that another version of a layout is told from it.
type look struct {
	layout *picture.Layout
	n      int
}

// looks numbers the layouts of a renderer; those that have not changed keep their number.
func (g *Gallery) looksOf(r *site.Renderer, old map[string]look) map[string]look {
	out := map[string]look{}
	for _, name := range r.Layouts() {
		l := look{layout: r.Layout(name)}
		if old[name].layout == l.layout {
			l.n = old[name].n
		} else {
			g.looks++
			l.n = g.looks
		}
		out[name] = l
	}
	return out
}

// deal composes every card; where layout and facts have not changed, the picture of the old one is taken over. Samples whose
// characters no font has are left out and kept apart, for they say nothing about a layout.
func (g *Gallery) deal(s *state, old []*card) {
	before := map[string]*card{}
	for _, c := range old {
		before[c.ID()] = c
	}
	s.cards, s.unset = nil, nil
	for _, t := range s.renderer.Templates().Certificates() {
		for layout := range s.looks {
			for _, language := range []string{"zh", "en"} {
				for _, text := range samples(language) {
					c := g.card(s, t, layout, language, text, before)
					if text.Key == "rtl" && errors.Is(c.Err, picture.ErrGlyph) {
						s.unset = append(s.unset, text)
						continue
					}
					s.cards = append(s.cards, c)
				}
			}
		}
	}
	slices.SortFunc(s.cards, compareCards)
}

// compareCards puts the templates by name, in each the looks that it comes out in first and links' cards last, and all
// samples of a look beside each other.
func compareCards(a, b *card) int {
	first := func(yes bool) int {
		if yes {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(a.Template.ID, b.Template.ID), cmp.Compare(first(a.Layout == a.Template.Layout), first(b.Layout == b.Template.Layout)),
		cmp.Compare(first(!a.Linked()), first(!b.Linked())), cmp.Compare(a.Layout, b.Layout), -cmp.Compare(a.Language, b.Language), cmp.Compare(a.Sample.order(), b.Sample.order()))
}

// card composes one, or takes over what has not changed since before.
func (g *Gallery) card(s *state, t *templates.Certificate, layout, language string, text sample, before map[string]*card) *card {
	l := s.looks[layout]
	c := &card{Template: t, Layout: layout, Language: language, Sample: text, facts: g.facts(t, text), look: l.layout}
	c.Default = layout == t.Layout && (t.Language == "auto" || t.Language == language)
	last := before[c.ID()]
	if last != nil && last.look == c.look && last.facts == c.facts {
		c.Err, c.picture, c.version, c.png = last.Err, last.picture, last.version, last.png
		return c
	}
	c.png = new(painted)
	c.picture, c.Err = s.renderer.ComposeAs(credential.New(c.facts), layout, language, text.band)
	switch {
	case c.Err == nil:
		h := fnv.New64a()
		fmt.Fprintf(h, "%q", []string{language, text.Key, c.facts.Template, c.facts.TitleZh, c.facts.TitleEn, c.facts.RecipientName, c.facts.AchievementName, c.facts.Score, c.facts.MaxScore, c.facts.Type, c.facts.ValidUntil.String()})
		c.version = fmt.Sprintf("%d.%x", l.n, h.Sum64())
	case last != nil && last.picture != nil:
		c.picture, c.version, c.png = last.picture, last.version, last.png
	}
	return c
}

// ID names a card within the gallery, the same before and after an edit.
func (c *card) ID() string {
	return c.Template.ID + "/" + c.Layout + "/" + c.Language + "/" + c.Sample.Key
}

// Shown reports whether there is a picture to show.
func (c *card) Shown() bool { return c.picture != nil }

// Linked reports whether this is the card that messengers show for a link, which has no PDF.
func (c *card) Linked() bool { return c.Layout == site.CardLayout }

// Size is the picture's width and height in pixels.
func (c *card) Size() [2]int {
	w, h := c.picture.Size()
	return [2]int{w, h}
}

// Version is another for every picture; "" where there is none.
func (c *card) Version() string { return c.version }

// query is the card's place in addresses.
func (c *card) query() url.Values {
	q := url.Values{"template": {c.Template.ID}, "layout": {c.Layout}, "language": {c.Language}, "sample": {c.Sample.Key}}
	if c.Sample.Key == ownSample {
		q.Set("name", c.Sample.Name)
		q.Set("achievement", c.Sample.Achievement)
	}
	return q
}

// Look, PNG and PDF are the card's addresses. Those of files change with the picture.
func (c *card) Look() string { return "/look?" + c.query().Encode() }

func (c *card) PNG() string { return c.fileAddress("/picture.png") }

func (c *card) PDF() string { return c.fileAddress("/picture.pdf") }

func (c *card) fileAddress(path string) string {
	q := c.query()
	q.Set("v", c.version)
	return path + "?" + q.Encode()
}

// paint returns the picture as PNG.
func (c *card) paint() ([]byte, error) {
	c.png.once.Do(func() {
		var b bytes.Buffer
		c.png.err = c.picture.Draft(&b)
		c.png.data = b.Bytes()
	})
	return c.png.data, c.png.err
}
