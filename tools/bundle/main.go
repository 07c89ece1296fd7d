// Command bundle makes the scripts that the pages load, templates/assets/dist, from their source in
// templates/assets/src and the few packages in bundle/node_modules. The result is committed, so that building the
// product needs neither Node nor these packages; make bundle runs it after an edit, and a test says when that was forgotten.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run("bundle", filepath.FromSlash("../templates/assets")); err != nil {
		fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

// run bundles the assets with the packages below home, and writes what has changed.
func run(home, assets string) error {
	files, err := bundle(home, filepath.Join(assets, "src"))
	if err != nil {
		return err
	}
	dist := filepath.Join(assets, "dist")
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	for _, f := range files {
		name := filepath.Join(dist, f.name)
		if err := os.WriteFile(name, f.data, 0o644); err != nil {
			return err
		}
		fmt.Printf("%s: %d bytes, %d gzipped\n", name, len(f.data), gzipped(f.data))
	}
	return nil
}
