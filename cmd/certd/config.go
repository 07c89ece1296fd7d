package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

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

	JWT            jwtSettings   `yaml:"jwt"`
	TrustedProxies []string      `yaml:"trusted_proxies"`
	Limits         limitSettings `yaml:"limits"`

	SeedCommand    string `yaml:"seed_command"`     // prints the seed of the key that signs, and of the next one
	LogSeedCommand string `yaml:"log_seed_command"` // prints the seed of the log
}

// jwtSettings say which JWTs of the platform are taken. The secret of HS256 comes from the environment alone.
type jwtSettings struct {
	JWKS       string            `yaml:"jwks"`
	Issuer     string            `yaml:"issuer"`
	Audience   string            `yaml:"audience"`
	Algorithms []string          `yaml:"algorithms"`
	Leeway     time.Duration     `yaml:"leeway"`
	Claims     claimSettings     `yaml:"claims"`
	Roles      map[string]string `yaml:"roles"`
}

type claimSettings struct {
	User         string `yaml:"user"`
	Name         string `yaml:"name"`
	Role         string `yaml:"role"`
	Organisation string `yaml:"organisation"`
	Scope        string `yaml:"scope"`
}

// limitSettings are requests a minute; 0 is without limit.
type limitSettings struct {
	Token    int `yaml:"token"`
	Person   int `yaml:"person"`
	Verify   int `yaml:"verify"`
	Failures int `yaml:"failures"`
}

func (s settings) socket() string { return filepath.Join(s.data, "certd.sock") }

// readSettings reads data/certd.yaml, where it exists, and the environment. flagged are those given by flag.
func readSettings(data string, flagged settings) (settings, error) {
	s := settings{data: data, Limits: limitSettings{Person: 600, Verify: 600, Failures: 60}, TrustedProxies: []string{"127.0.0.0/8", "::1/128"}}
	s.JWT.Leeway = 30 * time.Second
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
			return fmt.Errorf("%s:%d:%d: %s; the settings are %s", path, at.Line, at.Column, ye.GetMessage(), strings.Join(settingNames(reflect.TypeFor[settings](), ""), ", "))
		}
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, p := range []*string{&s.Public, &s.Templates} {
		*p = beside(path, *p)
	}
	if !strings.Contains(s.JWT.JWKS, "://") {
		s.JWT.JWKS = beside(path, s.JWT.JWKS)
	}
	for i := range s.FontDirs {
		s.FontDirs[i] = beside(path, s.FontDirs[i])
	}
	return nil
}

// settingNames lists the settings, those within others behind a dot.
func settingNames(t reflect.Type, in string) (names []string) {
	for i := range t.NumField() {
		name := t.Field(i).Tag.Get("yaml")
		switch {
		case name == "":
		case t.Field(i).Type.Kind() == reflect.Struct:
			names = append(names, settingNames(t.Field(i).Type, in+name+".")...)
		default:
			names = append(names, in+name)
		}
	}
	return names
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

# Whose signed-in people are known: JSON Web Tokens of your platform. HS256 is switched on by its secret in
# CERTD_JWT_HS256_SECRET; other algorithms by the platform's public keys, a file or an https address.
# jwt:
#   jwks: https://login.example.org/.well-known/jwks.json
#   issuer: https://login.example.org
#   audience: laurel

# Folders with further fonts, for scripts that the built-in ones do not cover. --font-dir, CERTD_FONT_DIRS.
# font_dirs: [/usr/share/fonts/truetype]

# Commands that print the secret seeds, where these do not lie in this folder: 64 hexadecimal digits or base64, and for
# the signing keys one a line. CERTD_SEED_COMMAND, CERTD_LOG_SEED_COMMAND; CERTD_SEED and CERTD_LOG_SEED hold the seeds.
# seed_command: vault kv get -field=seed secret/laurel
# log_seed_command: vault kv get -field=log-seed secret/laurel
`, strings.TrimSpace(string(quoted))), nil
}
