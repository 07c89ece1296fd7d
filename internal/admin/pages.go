// Package admin draws the pages of those who run certd: HTML in Chinese and English, made from what package api hands
// it. It knows no rights, no records and no HTTP.
package admin

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"strings"
)

//go:embed page/*.html asset/*
var files embed.FS

// Base is where the pages live.
const Base = "/admin"

// Policy is the Content-Security-Policy of every page: everything from here, and pictures that the page itself was sent.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// Pages are the parsed pages and their assets. It is safe for concurrent use.
type Pages struct {
	set    map[string]*template.Template
	assets map[string]Asset
	names  map[string]string // of assets, with their digests
}

// Asset is a file that pages refer to; its address changes with its content.
type Asset struct {
	Type string
	Data []byte
}

// New parses the pages.
func New() (*Pages, error) {
	p := &Pages{set: map[string]*template.Template{}, assets: map[string]Asset{}, names: map[string]string{}}
	types := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	assets, err := fs.Glob(files, "asset/*")
	if err != nil {
		return nil, err
	}
	for _, name := range assets {
		data, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		sum, ext := sha256.Sum256(data), path.Ext(name)
		plain := path.Base(name)
		address := strings.TrimSuffix(plain, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		p.assets[address], p.names[plain] = Asset{types[ext], data}, Base+"/assets/"+address
	}
	names, err := fs.Glob(files, "page/*.html")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		key := strings.TrimSuffix(path.Base(name), ".html")
		t := template.New(path.Base(name)).Funcs(template.FuncMap{"asset": func(name string) string { return p.names[name] }})
		if p.set[key], err = t.ParseFS(files, name, "page/parts.html"); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Asset returns the asset of an address behind Base/assets/.
func (p *Pages) Asset(name string) (Asset, bool) {
	a, ok := p.assets[name]
	return a, ok
}

// Draw draws the page of a name.
func (p *Pages) Draw(name string, v *View) ([]byte, error) {
	t, ok := p.set[name]
	if !ok {
		return nil, fmt.Errorf("no page %s", name)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, v); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
