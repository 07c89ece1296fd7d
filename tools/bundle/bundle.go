package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// file is one file of dist.
type file struct {
	name string
	data []byte
}

// scripts are what dist holds. The page's script is a classic one, which knows the element that called it; the others are
// modules, because it imports them. The fallback comes last.
var scripts = []struct {
	name   string
	format api.Format
}{
	{"verify.js", api.FormatIIFE},
	{"copies.js", api.FormatESModule},
	{"fallback.js", api.FormatESModule},
}

// bundle makes the files of dist from the source folder. The same source and packages give the same bytes.
func bundle(home, src string) ([]file, error) {
	modules := filepath.Join(home, "node_modules")
	if _, err := os.Stat(modules); err != nil {
		return nil, fmt.Errorf("%w; run npm ci --ignore-scripts --prefix %s", err, home)
	}
	modules, err := filepath.Abs(modules)
	if err != nil {
		return nil, err
	}
	src, err = filepath.Abs(src)
	if err != nil {
		return nil, err
	}
	var files []file
	packages := map[string]bool{}
	for _, s := range scripts {
		result := api.Build(api.BuildOptions{
			EntryPoints:       []string{filepath.Join(src, s.name)},
			AbsWorkingDir:     src,
			NodePaths:         []string{modules},
			Bundle:            true,
			Format:            s.format,
			Platform:          api.PlatformBrowser,
			Target:            api.ES2020,
			Charset:           api.CharsetUTF8,
			MinifyWhitespace:  true,
			MinifySyntax:      true,
			MinifyIdentifiers: true,
			LegalComments:     api.LegalCommentsNone, // the notices say it in full
			Metafile:          true,
			Write:             false,
			Outfile:           s.name,
			LogLevel:          api.LogLevelSilent,
		})
		if len(result.Errors) > 0 {
			return nil, fmt.Errorf("%s", strings.Join(api.FormatMessages(result.Errors, api.FormatMessagesOptions{}), ""))
		}
		files = append(files, file{s.name, result.OutputFiles[0].Contents})
		if err := addPackages(packages, result.Metafile); err != nil {
			return nil, err
		}
	}
	notices, err := notices(modules, packages)
	if err != nil {
		return nil, err
	}
	// The licences ask to go with every copy, and every site serves one.
	last := &files[len(files)-1]
	last.data = fmt.Appendf(last.data, "/*\n%s*/\n", notices)
	return append(files, file{"NOTICES.txt", notices}), nil
}

// addPackages notes the packages of which a bundle holds anything.
func addPackages(packages map[string]bool, metafile string) error {
	var meta struct {
		Outputs map[string]struct {
			Inputs map[string]struct{ BytesInOutput int }
		}
	}
	if err := json.Unmarshal([]byte(metafile), &meta); err != nil {
		return err
	}
	for _, output := range meta.Outputs {
		for input, used := range output.Inputs {
			_, path, ok := strings.Cut(filepath.ToSlash(input), "node_modules/")
			if !ok || used.BytesInOutput == 0 {
				continue
			}
			parts := strings.Split(path, "/")
			n := 1
			if strings.HasPrefix(path, "@") {
				n = 2
			}
			packages[strings.Join(parts[:n], "/")] = true
		}
	}
	return nil
}

// notices are the licences of the packages, whose terms ask that they go with every copy.
func notices(modules string, packages map[string]bool) ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("fallback.js holds parts of these packages.\n")
	names := make([]string, 0, len(packages))
	for name := range packages {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		dir := filepath.Join(modules, filepath.FromSlash(name))
		manifest, err := os.ReadFile(filepath.Join(dir, "package.json"))
		if err != nil {
			return nil, err
		}
		var p struct{ Version, License string }
		if err := json.Unmarshal(manifest, &p); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		licence, err := os.ReadFile(filepath.Join(dir, "LICENSE"))
		if err != nil {
			return nil, err
		}
		if bytes.Contains(licence, []byte("*/")) {
			return nil, fmt.Errorf("the licence of %s cannot stand in a comment", name)
		}
		fmt.Fprintf(&out, "\n\n%s %s (%s)\n\n%s\n", name, p.Version, p.License, bytes.TrimSpace(licence))
	}
	return out.Bytes(), nil
}

// gzipped is the size of data as a host would send it.
func gzipped(data []byte) int {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
	z.Write(data)
	z.Close()
	return b.Len()
}
