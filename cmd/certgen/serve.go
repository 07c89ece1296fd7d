package main

import (
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
`

func serve(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var public, listen string
	f := newFlags("serve", serveAbout)
	f.StringVar(&public, "public", "public", "the public tree, `DIR`")
	f.StringVar(&listen, "listen", "127.0.0.1:8081", "`ADDRESS` to serve on")
	if done, err := f.none(args, stdout); done || err != nil {
		return err
	}
	h, err := newStatic(public)
	if err != nil {
		return err
	}
	defer h.close()
	l, err := net.Listen("tcp", listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is taken: another program listens there; stop it, or choose another address with --listen", listen)
	}
	if err != nil {
		return fmt.Errorf("listen on %s: %w", listen, err)
	}
	logger := newLog(stderr)
	logger.Info("listening", "addr", l.Addr().String(), "public", public)
	return serveOn(ctx, l, h, logger)
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
