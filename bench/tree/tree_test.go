package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"laurel/credential"
	"laurel/site"
	"laurel/templates"
)

// written writes a tree of n certificates and reads it.
func written(t *testing.T, n int) (dir string, files map[string]string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "public")
	if err := run(t.Context(), []string{"--out", dir, "--certificates", fmt.Sprint(n)}); err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		files[rel] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir, files
}

func TestTheSameNumberGivesTheSameBytes(t *testing.T) {
	_, one := written(t, 300)
	_, two := written(t, 300)
	if len(one) < 600 || !maps.Equal(one, two) {
		t.Errorf("two trees of %d and %d files differ", len(one), len(two))
	}
}

func TestWhatIsWrittenIsATreeInWhichNothingIsWrong(t *testing.T) {
	dir, files := written(t, 300)
	set, err := templates.Open("")
	if err != nil {
		t.Fatal(err)
	}
	b, err := site.Open(dir, set, site.Options{Only: []string{site.OnlyHTML}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.BuildTree(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	did, err := credential.ParseDID([]byte(files[site.DIDPath]))
	if err != nil {
		t.Fatal(err)
	}
	settings, err := site.ParseSettings([]byte(files[site.SettingsPath]), did.Keys())
	if err != nil {
		t.Fatal(err)
	}
	log, err := site.TreeLog(dir, settings.Log)
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for path, doc := range files {
		if filepath.Base(path) != "credential.json" {
			continue
		}
		c, err := credential.Verify([]byte(doc), did.Keys())
		if err == nil {
			_, err = log.Find(c)
		}
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if page, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(site.PagePath(c.Number())))); err != nil || !bytes.Contains(page, []byte(c.Number())) {
			t.Errorf("page of %s: %v", c.Number(), err)
		}
		checked++
	}
	if checked != 300 {
		t.Errorf("%d certificates, want 300", checked)
	}
}
