package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"golang.org/x/term"

	"laurel/internal/api"
	"laurel/internal/control"
	"laurel/internal/issuer"
)

// drainTime is how long requests in flight may take to end once the daemon is told to.
const drainTime = 30 * time.Second

// daemon is a loaded issuer and the servers in front of it.
type daemon struct {
	issuer  *issuer.Issuer
	log     *slog.Logger
	socket  string
	meter   *api.Meter
	servers []*http.Server
	halt    context.CancelFunc // ends issuer.Run
	ended   chan struct{}      // closed when issuer.Run has returned runErr
	runErr  error
	failed  chan error // a server that ended by itself
}

// startDaemon loads the issuer, which is recovery too, and serves the control socket.
func startDaemon(ctx context.Context, s settings, log *slog.Logger) (*daemon, error) {
	seeds, err := readSecrets(ctx, s)
	if err != nil {
		return nil, err
	}
	iss, err := issuer.Load(ctx, issuer.Config{
		Signers: seeds.signers(), LogSeed: seeds.log,
		DataDir: s.data, PublicDir: s.Public, TemplatesDir: s.Templates, FontDirs: s.FontDirs, Log: log, Socket: s.socket(),
		Witnesses: s.Log.Witnesses, CosignEvery: s.Log.CosignEvery, KeyWait: s.KeyWait, ListsEvery: s.Status.SignEvery,
		MinFree: s.MinFreeMiB << 20,
	})
	if err != nil {
		return nil, err
	}
	l, err := control.Listen(s.socket())
	if err != nil {
		return nil, errors.Join(err, iss.Close())
	}
	// The writer outlives the signal that ends the program: requests in flight are drained first.
	runCtx, halt := context.WithCancel(context.WithoutCancel(ctx))
	d := &daemon{issuer: iss, log: log, socket: s.socket(), halt: halt, ended: make(chan struct{}), failed: make(chan error, 3), meter: api.NewMeter()}
	go func() {
		defer close(d.ended)
		d.runErr = iss.Run(runCtx)
	}()
	d.serve(l, api.NewControl(api.Config{Issuer: iss, Log: log, Meter: d.meter}))
	return d, nil
}

func (d *daemon) serve(l net.Listener, h http.Handler) {
	server := api.NewServer(h, d.log)
	d.servers = append(d.servers, server)
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			d.failed <- err
		}
	}()
}

// stop drains the servers, then ends the issuer, and returns what went wrong in any of it.
func (d *daemon) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	var errs []error
	for _, server := range slices.Backward(d.servers) {
		if err := server.Shutdown(ctx); err != nil {
			errs = append(errs, fmt.Errorf("requests were still in flight after %v: %w", drainTime, err), server.Close())
		}
	}
	d.halt()
	<-d.ended
	if !errors.Is(d.runErr, context.Canceled) {
		errs = append(errs, d.runErr)
	}
	errs = append(errs, d.issuer.Close(), os.Remove(d.socket))
	return errors.Join(errs...)
}

// logger writes JSON for programs and plain lines for people.
func logger(stderr io.Writer) *slog.Logger {
	if f, ok := stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return slog.New(slog.NewTextHandler(stderr, nil))
	}
	return slog.New(slog.NewJSONHandler(stderr, nil))
}
