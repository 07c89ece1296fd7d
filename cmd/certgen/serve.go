package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"golang.org/x/term"
)

const serveAbout = `certgen serve --public DIR serves a public tree as a static host would: no listings, the headers of DIR/_headers, and
DIR/404.html for what is not there. It changes nothing and needs no daemon.

certgen serve --templates DIR shows the templates in DIR, and the built-in ones beneath them: every certificate in every
layout and language with sample names, painted anew as you save, mistakes with their line. It needs no public tree.
`

type serveFlags struct {
	looks
	public, listen, issuerName, baseURL string
}

func serve(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o serveFlags
	f := newFlags("serve", serveAbout)
	f.StringVar(&o.public, "public", "", "the public tree, `DIR`; public if neither this nor --templates is given")
	f.StringVar(&o.templates, "templates", "", "show the templates in `DIR`")
	f.Var(&o.fontDirs, "font-dir", "with --templates: `DIR` with more fonts; may be given several times")
	f.StringVar(&o.issuerName, "issuer-name", "", "with --templates: `NAME` of the issuer on the samples")
	f.StringVar(&o.baseURL, "base-url", "", "with --templates: `URL` of the site on the samples")
	f.StringVar(&o.listen, "listen", "", "`ADDRESS` to serve on; 127.0.0.1:8081 for a tree, 127.0.0.1:8090 for templates")
	if done, err := f.none(args, stdout); done || err != nil {
		return err
	}
	switch {
	case o.templates != "" && o.public != "":
		return &usageError{"serve: --public serves a tree, --templates shows templates; give one of them"}
	case o.templates != "":
		return o.gallery(ctx, stdout, stderr)
	case len(o.fontDirs) > 0 || o.issuerName != "" || o.baseURL != "":
		return &usageError{"serve: --font-dir, --issuer-name and --base-url go with --templates DIR"}
	}
	return o.tree(ctx, stderr)
}

// tree serves a public tree.
func (o *serveFlags) tree(ctx context.Context, stderr io.Writer) error {
	public := cmp.Or(o.public, "public")
	h, err := newStatic(public)
	if err != nil {
		return err
	}
	defer h.close()
	l, err := listen(cmp.Or(o.listen, "127.0.0.1:8081"))
	if err != nil {
		return err
	}
	logger := newLog(stderr)
	logger.Info("listening", "addr", l.Addr().String(), "public", public)
	return serveOn(ctx, l, h, logger)
}

func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is taken: another program listens there; stop it, or choose another address with --listen", address)
	}
	if errors.Is(err, syscall.EACCES) {
		return nil, fmt.Errorf("--listen %s: the system keeps this port for itself; choose one above 1023", address)
	}
	if err != nil {
		return nil, fmt.Errorf("--listen %s: %w; give HOST:PORT of this machine, such as 127.0.0.1:8090", address, err)
	}
	return l, nil
}

// serveOn serves until ctx ends, then lets running requests end.
func serveOn(ctx context.Context, l net.Listener, h http.Handler, logger *slog.Logger) error {
	s := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: log.New(io.Discard, "", 0), // a visitor's broken connection is no event
	}
	failed := make(chan error, 1)
	go func() { failed <- s.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	logger.Info("stopping")
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := s.Shutdown(grace); err != nil {
		return errors.Join(err, s.Close())
	}
	return nil
}

// newLog writes text to a terminal and JSON to anything else.
func newLog(w io.Writer) *slog.Logger {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return slog.New(slog.NewTextHandler(w, nil))
	}
	return slog.New(slog.NewJSONHandler(w, nil))
}
