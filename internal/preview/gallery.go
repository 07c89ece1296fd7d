// Package preview shows designers what they make: every certificate template in every layout and language, with sample
// values, painted anew the moment a file is saved. A mistake is shown beside the line it stands in, and the last good
// pictures stay.
//
// It knows no public tree and no certificate; all it shows is made of templates and samples.
package preview

import (
	"context"
	"crypto/rand"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"laurel/site"
	"laurel/templates"
)

// quiet is how long a folder must be still before an edit counts as saved. It is part of what a designer waits for; an
// editor that takes longer to write a file shows a mistake for that long.
const quiet = 25 * time.Millisecond

// Options say what a gallery shows.
type Options struct {
	FontDirs   []string  // fonts to use besides the templates' own
	IssuerName string    // on the sample certificates; "" for a sample name
	BaseURL    string    // of their addresses; "" for a sample address
	Out        io.Writer // is told of each edit, a line or more; nil: nobody is
}

// Gallery is the templates of a folder on show. It is an http.Handler, safe for concurrent use.
type Gallery struct {
	dir     string
	o       Options
	process string // tells the states of this process from those of an earlier one
	page    *template.Template
	mux     *http.ServeMux
	edits   <-chan struct{}
	ended   <-chan struct{}

	looks int // layouts numbered so far; Run's alone

	mu      sync.Mutex
	now     *state
	changed chan struct{} // closed when now is replaced
}

// state is what the templates were after one edit. It does not change.
type state struct {
	serial   string
	set      *templates.Set // the last good ones; nil before there were any
	renderer *site.Renderer
	looks    map[string]look // by the layout's name
	cards    []*card
	unset    []sample // samples that no loaded font has the characters for
	problems []problem
}

// Open shows the templates of dir, which must be there; a mistake in them is shown, too. Edits are taken by Run, until
// ctx ends.
func Open(ctx context.Context, dir string, o Options) (*Gallery, error) {
	if o.Out == nil {
		o.Out = io.Discard
	}
	if o.IssuerName == "" {
		o.IssuerName = "示例学院 Example Academy"
	}
	if o.BaseURL == "" {
		o.BaseURL = "https://certs.example.org"
	}
	edits, err := templates.Watch(ctx, dir, quiet)
	if err != nil {
		return nil, err
	}
	g := &Gallery{dir: dir, o: o, process: rand.Text(), edits: edits, ended: ctx.Done(), changed: make(chan struct{})}
	if g.page, err = parsePages(); err != nil {
		return nil, err
	}
	g.now = g.next(&state{})
	g.routes()
	return g, nil
}

// Run takes edits until the context given to Open ends.
func (g *Gallery) Run() {
	for range g.edits {
		from := time.Now()
		old := g.state()
		s := g.next(old)
		if s == nil {
			continue
		}
		g.mu.Lock()
		g.now = s
		close(g.changed)
		g.changed = make(chan struct{})
		g.mu.Unlock()
		g.tell(old, s, time.Since(from))
	}
}

// tell prints what an edit came to.
func (g *Gallery) tell(old, s *state, took time.Duration) {
	if len(s.problems) > 0 {
		for _, p := range s.problems {
			fmt.Fprintln(g.o.Out, p)
		}
		fmt.Fprintln(g.o.Out, "the last good pictures stay; save the file again once it is mended")
		return
	}
	var files []string
	if old.set != nil {
		files = s.set.Changed(old.set)
	}
	if len(files) == 0 {
		files = []string{"mended"}
	}
	fmt.Fprintf(g.o.Out, "%s: %d of %d pictures changed, ready in %d ms\n", strings.Join(files, ", "), s.fresh(old), len(s.cards), took.Milliseconds())
}

// state returns the one on show.
func (g *Gallery) state() *state {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now
}

// follow returns the state on show and a channel that is closed once there is a later one.
func (g *Gallery) follow() (*state, <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now, g.changed
}

// next reads the templates again; nil where nothing has changed.
func (g *Gallery) next(old *state) *state {
	s := &state{serial: g.process + "." + rand.Text()[:8], set: old.set, renderer: old.renderer, looks: old.looks, cards: old.cards, unset: old.unset}
	set, err := templates.Open(g.dir)
	if err != nil {
		s.problems = problems(g.dir, err)
		return s
	}
	if old.set != nil && len(old.problems) == 0 && len(set.Changed(old.set)) == 0 {
		return nil
	}
	r, err := g.render(set, old)
	if err != nil {
		s.problems = problems(g.dir, err)
		return s
	}
	s.set, s.renderer, s.looks = set, r, g.looksOf(r, old.looks)
	g.deal(s, old.cards)
	return s
}

func (g *Gallery) render(set *templates.Set, old *state) (*site.Renderer, error) {
	if old.renderer == nil {
		return site.NewRenderer(set, g.o.FontDirs)
	}
	return old.renderer.Renew(set)
}

// fresh counts the cards whose picture is another than in an older state.
func (s *state) fresh(old *state) (n int) {
	before := map[string]string{}
	for _, c := range old.cards {
		before[c.ID()] = c.version
	}
	for _, c := range s.cards {
		if before[c.ID()] != c.version {
			n++
		}
	}
	return n
}
