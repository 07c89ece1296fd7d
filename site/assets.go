package site

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"laurel/templates"
)

// The assets of every page, by their names in a Set. A name published under /assets/ holds the digest of its content,
// so that it can be cached for ever.
const (
	cssName      = "assets/page.css"
	scriptName   = "assets/dist/verify.js"
	copiesName   = "assets/dist/copies.js"
	fallbackName = "assets/dist/fallback.js"
	faviconName  = "assets/favicon.svg"
	iconName     = "assets/favicon.ico"
)

// IconPath is the one asset whose address browsers choose: they ask for it where no page names an icon.
const IconPath = "favicon.ico"

// output is a file of the public tree that a build makes.
type output struct {
	path string
	data []byte
}

// assets are the published assets and their addresses on the site.
type assets struct {
	CSS, Script, Copies, Fallback, Favicon string
	files                                  []output
}

func loadAssets(t *templates.Set) (assets, error) {
	var a assets
	var problems []error
	for _, p := range []struct {
		name string
		to   *string
	}{{cssName, &a.CSS}, {scriptName, &a.Script}, {copiesName, &a.Copies}, {fallbackName, &a.Fallback}, {faviconName, &a.Favicon}} {
		data, where, err := t.Read(p.name)
		if errors.Is(err, fs.ErrNotExist) {
			problems = append(problems, fmt.Errorf("%s is missing; run make bundle", where))
			continue
		}
		if err != nil {
			return a, err
		}
		file := output{path: hashedPath(p.name, data), data: data}
		a.files = append(a.files, file)
		*p.to = "/" + file.path
	}
	if data, _, err := t.Read(iconName); err == nil {
		a.files = append(a.files, output{IconPath, data})
	}
	return a, errors.Join(problems...)
}

// hashedPath is assets/NAME.HASH.EXT, the hash being 16 hexadecimal digits of SHA-256.
func hashedPath(name string, data []byte) string {
	sum := sha256.Sum256(data)
	base, ext := path.Base(name), path.Ext(name)
	return "assets/" + strings.TrimSuffix(base, ext) + "." + hex.EncodeToString(sum[:8]) + ext
}

// isAsset reports whether a path is of the form that hashedPath makes, so that a build may remove one of an older set.
func isAsset(p string) bool {
	if path.Dir(p) != "assets" {
		return false
	}
	parts := strings.Split(path.Base(p), ".")
	if len(parts) < 3 {
		return false
	}
	sum, err := hex.DecodeString(parts[len(parts)-2])
	return err == nil && len(sum) == 8
}
