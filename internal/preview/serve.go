package preview

import (
	"embed"
	"fmt"
	"mime"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"laurel/credential"
)

//go:embed page
var pageFiles embed.FS

// policy lets a page show what this server has, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// framed is the policy of a PDF, which a page of ours shows in a frame.
const framed = "frame-ancestors 'self'"

func (g *Gallery) routes() {
	g.mux = http.NewServeMux()
	g.mux.HandleFunc("GET /{$}", g.serveGallery)
	g.mux.HandleFunc("GET /look", g.serveLook)
	g.mux.HandleFunc("GET /picture.png", g.servePNG)
	g.mux.HandleFunc("GET /picture.pdf", g.servePDF)
	g.mux.HandleFunc("GET /events", g.serveEvents)
	for address, file := range map[string]struct{ name, kind string }{
		"gallery.css": {"gallery.css", "text/css; charset=utf-8"},
		"gallery.js":  {"gallery.js", "text/javascript; charset=utf-8"},
		"icon.svg":    {"icon.svg", "image/svg+xml"},
		"favicon.ico": {"icon.svg", "image/svg+xml"}, // asked for beside a picture that is opened alone
	} {
		g.mux.HandleFunc("GET /"+address, func(w http.ResponseWriter, r *http.Request) {
			data, err := pageFiles.ReadFile("page/" + file.name)
			if err != nil {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Content-Type", file.kind)
			w.Write(data)
		})
	}
}

// ServeHTTP serves the gallery.
func (g *Gallery) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if !hostAllowed(r) {
		http.Error(w, "this address is not one of this gallery; use the one that certgen printed", http.StatusForbidden)
		return
	}
	g.mux.ServeHTTP(w, r)
}

// hostAllowed keeps pages elsewhere from reading a gallery on this machine by a name that they have made lead to it.
func hostAllowed(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok || !local.IP.IsLoopback() {
		return true // whoever listens on the network chose to be read from there
	}
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// find returns the card of a request; nil where there is none.
func (g *Gallery) find(s *state, r *http.Request) *card {
	q := r.URL.Query()
	if q.Get("sample") == ownSample {
		return g.ownCard(s, q.Get("template"), q.Get("layout"), q.Get("language"), q.Get("name"), q.Get("achievement"))
	}
	id := q.Get("template") + "/" + q.Get("layout") + "/" + q.Get("language") + "/" + q.Get("sample")
	if i := slices.IndexFunc(s.cards, func(c *card) bool { return c.ID() == id }); i >= 0 {
		return s.cards[i]
	}
	return nil
}

// ownCard is a card with what the designer has typed; nil where nothing was, or template or layout are not there.
func (g *Gallery) ownCard(s *state, template, layout, language, name, achievement string) *card {
	if s.renderer == nil || language != "zh" && language != "en" {
		return nil
	}
	text, ok := own(language, name, achievement)
	t, known := s.renderer.Templates().Certificate(template)
	if !ok || !known || s.renderer.Layout(layout) == nil {
		return nil
	}
	return g.card(s, t, layout, language, text, nil)
}

func (g *Gallery) servePNG(w http.ResponseWriter, r *http.Request) {
	c := g.find(g.state(), r)
	if c == nil || !c.Shown() {
		http.NotFound(w, r)
		return
	}
	data, err := c.paint()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	w.Write(data)
}

func (g *Gallery) servePDF(w http.ResponseWriter, r *http.Request) {
	s := g.state()
	c := g.find(s, r)
	if c == nil || !c.Shown() {
		http.NotFound(w, r)
		return
	}
	data, err := s.renderer.DraftPDF(credential.New(c.facts), c.Language, c.picture)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", framed)
	h.Set("Content-Type", "application/pdf")
	name := c.Template.ID + "-" + c.Layout + "-" + c.Language + ".pdf"
	h.Set("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": name}))
	w.Write(data)
}

// serveEvents tells a page the serial of the state on show, and of each later one.
func (g *Gallery) serveEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	alive := time.NewTicker(20 * time.Second) // or something in between may give up on the connection
	defer alive.Stop()
	for {
		s, changed := g.follow()
		if _, err := fmt.Fprintf(w, "retry: 1000\nevent: state\ndata: %s\n\n", s.serial); err != nil || out.Flush() != nil {
			return
		}
		for waiting := true; waiting; {
			select {
			case <-g.ended:
				return
			case <-r.Context().Done():
				return
			case <-changed:
				waiting = false
			case <-alive.C:
				if _, err := fmt.Fprint(w, ":\n\n"); err != nil || out.Flush() != nil {
					return
				}
			}
		}
	}
}
