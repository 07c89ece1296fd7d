package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
)

// settings are what the daemon runs with. Each comes from its flag, else its CERTD_ variable, else
// data/certd.yaml, else its default.
type settings struct {
	data      string
	Public    string   `yaml:"public"`
	Templates string   `yaml:"templates"`
	FontDirs  []string `yaml:"font_dirs"`
	Listen    string   `yaml:"listen"`
}

func (s settings) socket() string { return filepath.Join(s.data, "certd.sock") }

// readSettings reads data/certd.yaml, where it exists, and the environment. flagged are those given by flag.
func readSettings(data string, flagged settings) (settings, error) {
	s := settings{data: data}
	if err := s.readFile(filepath.Join(data, "certd.yaml")); err != nil {
		return s, err
	}
	fromEnv := settings{Public: os.Getenv("CERTD_PUBLIC"), Templates: os.Getenv("CERTD_TEMPLATES"), Listen: os.Getenv("CERTD_LISTEN")}
	if dirs := os.Getenv("CERTD_FONT_DIRS"); dirs != "" {
		fromEnv.FontDirs = filepath.SplitList(dirs)
	}
	for _, over := range []settings{fromEnv, flagged} {
		s.Public = first(over.Public, s.Public)
		s.Templates = first(over.Templates, s.Templates)
		s.Listen = first(over.Listen, s.Listen)
		if len(over.FontDirs) > 0 {
			s.FontDirs = over.FontDirs
		}
	}
	s.Public = first(s.Public, "public")
	s.Listen = first(s.Listen, "127.0.0.1:8080")
	return s, nil
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// readFile reads the settings file; relative paths in it start at its own folder, so that certd can be
// started from anywhere.
func (s *settings) readFile(path string) error {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalWithOptions(data, s, yaml.Strict()); err != nil {
		var ye yaml.Error
		if errors.As(err, &ye) && ye.GetToken() != nil {
			at := ye.GetToken().Position
			return fmt.Errorf("%s:%d:%d: %s; the settings are public, templates, font_dirs and listen", path, at.Line, at.Column, ye.GetMessage())
		}
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, p := range []*string{&s.Public, &s.Templates} {
		*p = beside(path, *p)
	}
	for i := range s.FontDirs {
		s.FontDirs[i] = beside(path, s.FontDirs[i])
	}
	return nil
}

func beside(file, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(file), path)
}

// settingsFile is the certd.yaml of a new data folder.
func settingsFile(data, public string) (string, error) {
	absData, err := filepath.Abs(data)
	if err != nil {
		return "", err
	}
	absPublic, err := filepath.Abs(public)
	if err != nil {
		return "", err
	}
	way := absPublic
	if rel, err := filepath.Rel(absData, absPublic); err == nil && strings.Count(rel, "..") <= 1 {
		way = rel
	}
	quoted, err := yaml.Marshal(way)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(`# Settings of certd. A flag wins over its CERTD_ variable, and that over this file.
# Relative paths start at the folder of this file.

# The public tree: what a web server serves. --public, CERTD_PUBLIC.
public: %s

# Where internal callers reach the API. --listen, CERTD_LISTEN.
# Put a TLS proxy in front of it before it leaves this machine.
listen: 127.0.0.1:8080

# Your own templates, which overlay the built-in ones file by file. --templates, CERTD_TEMPLATES.
# templates: ../templates

# Folders with further fonts, for scripts that the built-in ones do not cover. --font-dir, CERTD_FONT_DIRS.
# font_dirs: [/usr/share/fonts/truetype]
`, strings.TrimSpace(string(quoted))), nil
}
