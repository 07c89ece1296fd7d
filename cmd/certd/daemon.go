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
	"sync"
	"time"

	"golang.org/x/term"

	"laurel/credential"
	"laurel/internal/api"
	"laurel/internal/control"
	"laurel/internal/issuer"
	"laurel/internal/webhook"
)

// drainTime is how long requests in flight may take to end once the daemon is told to.
const drainTime = 30 * time.Second

// daemon is a loaded issuer and the servers in front of it.
type daemon struct {
	issuer    *issuer.Issuer
	log       *slog.Logger
	socket    string
	meter     *api.Meter
	servers   []*http.Server
	hooks     *webhook.Dispatcher
	endpoints webhook.Endpoints
	couriers  sync.WaitGroup
	recall    context.CancelFunc // ends hooks.Run; nil where it does not run
	halt      context.CancelFunc // ends issuer.Run
	ended     chan struct{}      // closed when issuer.Run has returned runErr
	runErr    error
	failed    chan error // a server that ended by itself
}

// startDaemon loads the issuer, which is recovery too, and serves the control socket.
func startDaemon(ctx context.Context, s settings, log *slog.Logger) (*daemon, error) {
	seeds, err := readSecrets(ctx, s)
	if err != nil {
		return nil, err
	}
	hooks, err := s.hooks()
	if err != nil {
		return nil, err
	}
	mirrors, err := s.targets()
	if err != nil {
		return nil, err
	}
	files, err := s.files()
	if err != nil {
		return nil, err
	}
	iss, err := issuer.Load(ctx, issuer.Config{
		Signers: seeds.signers(), LogSeed: seeds.log,
		DataDir: s.data, PublicDir: s.Public, TemplatesDir: s.Templates, Files: files, Precompress: s.Precompress, FontDirs: s.FontDirs, Log: log, Socket: s.socket(),
		Witnesses: s.Log.Witnesses, CosignEvery: s.Log.CosignEvery, KeyWait: s.KeyWait, ListsEvery: s.Status.SignEvery,
		MinFree: s.MinFreeMiB << 20, Mirrors: mirrors,
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
	hooks.Outbox, hooks.Source, hooks.Now, hooks.Log = iss.Outbox(), iss.BaseURL(), time.Now, log
	hooks.URL = func(n string) string { return iss.CertificateURL(credential.Number(n)) }
	hooks.Recipient = func(ctx context.Context, n string) (*webhook.Recipient, error) { return recipient(ctx, iss, n) }
	d.hooks, d.endpoints = webhook.NewDispatcher(hooks), webhook.Endpoints{Outbox: hooks.Outbox, Now: time.Now, Allow: hooks.Allow}
	c := api.Config{Log: log}
	d.equip(&c)
	d.serve(l, api.NewControl(c))
	return d, nil
}

// equip gives an API what is the daemon's.
func (d *daemon) equip(c *api.Config) {
	c.Issuer, c.Meter, c.Deliveries, c.Webhooks = d.issuer, d.meter, d.hooks, d.endpoints
}

// deliver has webhooks delivered until the daemon stops.
func (d *daemon) deliver() {
	ctx, recall := context.WithCancel(context.Background())
	d.recall = recall
	d.couriers.Go(func() { d.hooks.Run(ctx) })
}

// hooks says how webhooks are delivered, once the issuer is there.
func (s settings) hooks() (c webhook.Config, err error) {
	for _, text := range s.Webhooks.Retries {
		wait, err := time.ParseDuration(text)
		if err != nil || wait < 0 {
			return c, fmt.Errorf("webhooks.retries: %q is no duration, as 30m", text)
		}
		c.Schedule = append(c.Schedule, wait)
	}
	c.Allow, err = prefixes("webhooks.allow", s.Webhooks.Allow)
	return c, err
}

// recipient says who a certificate was issued to; nobody where it was erased.
func recipient(ctx context.Context, iss *issuer.Issuer, number string) (*webhook.Recipient, error) {
	r, err := iss.Get(ctx, credential.Number(number))
	if err != nil || r.Recipient.Name == "" {
		return nil, err
	}
	return &webhook.Recipient{ID: r.Recipient.ID, Name: r.Recipient.Name, Achievement: r.Achievement.Name}, nil
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
	if d.recall != nil {
		d.recall()
		d.couriers.Wait()
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
