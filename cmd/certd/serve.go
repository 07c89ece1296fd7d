package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/net/netutil"

	"laurel/internal/api"
)

// serve runs the daemon until it is told to end.
func serve(ctx context.Context, env *environment, args []string) error {
	var flagged settings
	fs, data := env.flags("serve", "[--data DIR] [--public DIR] [--templates DIR] [--font-dir DIR]… [--listen HOST:PORT]")
	fs.StringVar(&flagged.Public, "public", "", "`folder` of the public tree (default: as certd.yaml says, else public)")
	fs.StringVar(&flagged.Templates, "templates", "", "`folder` that overlays the built-in templates file by file")
	fs.StringVar(&flagged.Listen, "listen", "", "`address` of the API (default: as certd.yaml says, else 127.0.0.1:8080)")
	fs.Var((*list)(&flagged.FontDirs), "font-dir", "`folder` with further fonts; can be repeated")
	fs.Var((*list)(&flagged.Log.Witnesses), "witness", "verifier `key` of somebody who cosigns the public log; can be repeated")
	fs.DurationVar(&flagged.Log.CosignEvery, "cosign-every", 0, "how often the log's own cosignature is renewed (default: as certd.yaml says, else 1h)")
	if _, err := parse(fs, args); err != nil {
		return err
	}
	s, err := readSettings(*data, flagged)
	if err != nil {
		return err
	}
	// The port first: that it is taken should be said at once, and before anything is touched.
	l, err := net.Listen("tcp", s.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%s is taken by another program; end that one, or choose another address with --listen", s.Listen)
	}
	if errors.Is(err, syscall.EACCES) {
		return fmt.Errorf("--listen %s: the system keeps this port for itself; choose one above 1023", s.Listen)
	}
	if err != nil {
		return fmt.Errorf("--listen %s: %w; give HOST:PORT of this machine, such as 127.0.0.1:8080", s.Listen, err)
	}
	defer l.Close()
	if _, err := os.Stat(filepath.Join(s.data, "certd.db")); errors.Is(err, os.ErrNotExist) {
		return errNotMade(s.data)
	}
	log := logger(env.stderr)
	public, err := s.apiConfig(log)
	if err != nil {
		return err
	}
	var metrics net.Listener
	if s.MetricsListen != "" {
		if metrics, err = net.Listen("tcp", s.MetricsListen); err != nil {
			return fmt.Errorf("metrics_listen: %w", err)
		}
		defer metrics.Close()
	}
	d, err := startDaemon(ctx, s, log)
	if err != nil {
		return err
	}
	if err := d.issuer.Warm(ctx); err != nil && ctx.Err() == nil { // it costs time later, nothing else
		log.Warn("pictures could not be prepared", "error", err)
	}
	d.equip(&public)
	d.deliver()
	d.serve(netutil.LimitListener(l, s.connections()), api.New(public))
	attrs := []any{"addr", l.Addr().String(), "control", s.socket()}
	if metrics != nil {
		d.serve(metrics, api.NewMetrics(public))
		attrs = append(attrs, "metrics", metrics.Addr().String())
	}
	log.Info("listening", attrs...)
	select {
	case <-ctx.Done():
		log.Info("ending", "drain", drainTime.String())
	case <-d.ended: // stop returns why
	case err = <-d.failed:
	}
	if err = errors.Join(err, d.stop()); err == nil {
		log.Info("ended")
	}
	return err
}
