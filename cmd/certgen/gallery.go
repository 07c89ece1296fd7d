package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"

	"laurel/credential"
	"laurel/internal/preview"
)

// gallery shows a templates folder to those who edit it.
func (o *serveFlags) gallery(ctx context.Context, stdout, stderr io.Writer) error {
	if o.baseURL != "" {
		if _, err := credential.DIDWeb(o.baseURL); err != nil {
			return &usageError{fmt.Sprintf("serve: --base-url %s: %v", o.baseURL, err)}
		}
	}
	for _, dir := range o.fontDirs {
		if _, err := os.ReadDir(dir); err != nil {
			return fmt.Errorf("--font-dir: %w", err)
		}
	}
	// The port first: that it is taken should be said before fonts are read.
	l, err := listen(cmp.Or(o.listen, "127.0.0.1:8090"))
	if err != nil {
		return err
	}
	defer l.Close()
	g, err := preview.Open(ctx, o.templates, preview.Options{
		FontDirs: o.fontDirs, IssuerName: o.issuerName, BaseURL: o.baseURL, Out: stdout,
	})
	if err != nil {
		return noTemplates(o.templates, err)
	}
	go g.Run()
	logger := newLog(stderr)
	logger.Info("listening", "addr", l.Addr().String(), "url", "http://"+l.Addr().String()+"/", "templates", o.templates)
	return serveOn(ctx, l, g, logger)
}
