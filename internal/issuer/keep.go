package issuer

import (
	"context"
	"sync"
	"time"

	"laurel/templates"
)

// editQuiet is how long a folder must be still before its templates are read: editors write in bursts.
const editQuiet = 200 * time.Millisecond

// keepBuilt brings the tree up to date with this program's templates, and again after each edit of the
// user's own. A broken edit is named in the log and changes nothing.
func (i *Issuer) keepBuilt(ctx context.Context) {
	var edits <-chan struct{}
	if i.cfg.TemplatesDir != "" {
		var err error
		if edits, err = templates.Watch(ctx, i.cfg.TemplatesDir, editQuiet); err != nil {
			i.cfg.Log.Error("edits of templates will not be noticed", "error", err)
		}
	}
	build := i.rebuildBehind(ctx, "start")
	defer func() { build() }()
	for {
		select {
		case <-ctx.Done():
			return
		case _, open := <-edits:
			if !open {
				edits = nil
				continue
			}
			if err := i.takeTemplates(); err != nil {
				i.cfg.Log.Error("the templates were edited and cannot be used; the last good ones stay in force", "error", err)
				continue
			}
			build() // it was for the older templates
			build = i.rebuildBehind(ctx, "templates")
		}
	}
}

// rebuildBehind begins to bring the tree up to date and returns what ends that, if it still goes on.
func (i *Issuer) rebuildBehind(ctx context.Context, because string) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var build sync.WaitGroup
	build.Go(func() { i.rebuildQuietly(ctx, because) })
	return func() {
		cancel()
		build.Wait()
	}
}

func (i *Issuer) takeTemplates() error {
	set, err := templates.Open(i.cfg.TemplatesDir)
	if err != nil {
		return err
	}
	return i.builder.SetTemplates(set)
}

func (i *Issuer) rebuildQuietly(ctx context.Context, because string) {
	build := i.Rebuild
	if i.treeIsOlder(ctx) {
		build = i.Export
	}
	if err := i.publishDocuments(ctx); err != nil { // which all pages depend on
		i.cfg.Log.Error("publishing the site's documents failed", "error", err)
	}
	changes, err := build(ctx, nil)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		i.cfg.Log.Error("building the public tree failed", "because", because, "error", err)
	case changes.Built+changes.Removed > 0:
		i.cfg.Log.Info("built the public tree", "because", because, "built", changes.Built, "unchanged", changes.Unchanged, "removed", changes.Removed)
	}
}
